"""Log-in by e-mail and password, for people who may sign in."""

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend

from accounts.security.second_factor import has_one


def with_facts(people):
    """*people* with all that a company's rules look at: one query for each request."""
    joined = people.select_related("company__security_policy")
    return joined.annotate(second_factor_found=has_one())


class EmailBackend(ModelBackend):
    """ModelBackend, asked with the company joined: an inactive company's people are out at once.

    ModelBackend spends one password hash on unknown addresses too, so the answer takes equally
    long whether the address, the password or the account is wrong.
    """

    def authenticate(self, request, username=None, password=None, email=None, **kwargs):
        return super().authenticate(request, username=username or email, password=password)

    def user_can_authenticate(self, user):
        return user.may_sign_in

    def get_user(self, user_id):
        try:
            user = with_facts(get_user_model().objects).get(pk=user_id)
        except get_user_model().DoesNotExist:
            return None
        return user if self.user_can_authenticate(user) else None
