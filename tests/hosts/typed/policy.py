from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.models import User
from django.http import HttpRequest

from apitokens.models import APIToken
from apitokens.policy import TokenPolicy, get_policy


class OwnTokenPolicy(TokenPolicy):
    select_related = ("owner",)
    defer = ("user__password",)
    empty_text = "None yet."

    def owner_for(self, request: HttpRequest) -> User | None:
        return request.user if isinstance(request.user, User) else None

    def can_manage(self, user: User, owner: User) -> bool:
        return user.is_active and user.pk == owner.pk

    def stop_reason(self, token: APIToken) -> str | None:
        return super().stop_reason(token) or ("No name" if not token.name else None)

    def admins(self, owner: User) -> Iterable[User]:
        return [owner]

    def usage(self, token: APIToken) -> tuple[int, str] | None:
        return 3, "/orders/"

    def usage_text(self, token: APIToken, count: int) -> str:
        return f"{count} orders"

    def role(self, user: User) -> str:
        return "Lead" if user.is_staff else ""

    def purpose(self, owner: User) -> str:
        return super().purpose(owner)

    def reauthenticate_url(self, request: HttpRequest) -> str | None:
        return "/confirm/"

    def max_lifetime(self, owner: User) -> timedelta | None:
        return timedelta(days=1)

    def max_tokens(self, owner: User) -> int | None:
        return 10


def policy_in_force() -> TokenPolicy:
    return get_policy()
