"""Every service and signal, as a host calls and hears them."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.dispatch import receiver

from apitokens import services, signals
from apitokens.models import APIToken, APITokenEvent, Credential


@receiver(signals.token_issued, sender=APIToken)
def tell(sender: type[APIToken], token: APIToken, actor: User | None, **kwargs: Any) -> None:
    print(token.public_id, token.label, actor, sender)


def life(user: User) -> list[str]:
    services.check_lifetime(user, timedelta(days=1))
    token, jwt = services.issue_token(
        owner=user, user=user, name="Nightly", lifetime=timedelta(hours=1), scopes=["orders:read"],
        networks=["192.0.2.0/24"], address="192.0.2.1",
    )  # fmt: skip
    token = services.rename_token(token=token, name="Daily", actor=user)
    same = services.copy_token(token=token, actor=user)
    token, newer = services.rotate_token(token=token, overlap=services.OVERLAPS[0], actor=user)
    cut: int = services.cut_old_credentials(token=token, actor=user)
    token = services.limit_token(token=token, scopes=[], networks=(), actor=user)
    acts: list[bool] = [
        services.suspend_token(token=token, actor=user),
        services.resume_token(token=token, actor=user),
        services.take_over_token(token=token, actor=user),
        services.delete_token(token=token, actor=user),
    ]
    moved: int = services.take_over_all(tokens=services.tokens_of(user), user=user, actor=user)
    erased: int = services.erase_history(owner=user)
    return [jwt, same, newer, str((cut, acts, moved, erased)), *facts(token)]


def facts(token: APIToken) -> list[str]:
    credential: Credential | None = token.credential
    ends = credential.expires_at if credential else None
    events = APITokenEvent.objects.filter(token_public_id=token.public_id)
    live = APIToken.objects.existing().for_owner(token.owner).count()
    return [token.state, str(token.is_usable), str(ends), str(live), str(events.count())]
