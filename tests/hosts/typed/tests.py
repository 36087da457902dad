from django.contrib.auth.models import User
from django.test import TestCase

from apitokens.testing import api_client, jwt_of, make_token


class OrdersTest(TestCase):
    def test_orders_are_for_tokens_that_may_read_them(self) -> None:
        user = User.objects.create_user("maya")
        token, jwt = make_token(user=user, scopes=["orders:read"])
        assert jwt == jwt_of(token)
        assert api_client(token).get("/api/orders").status_code == 200
        token.delete()
        assert api_client(jwt).get("/api/orders").status_code == 401
