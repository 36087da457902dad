"""Which keys the credentials need: for retiring one, and for the checks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q
from django.utils import timezone

from apitokens.models import APIToken, Credential


@dataclass(frozen=True, slots=True)
class Use:
    """How many living credentials a key has signed, and when one of its tokens was used last."""

    living: int = 0
    last_used_at: datetime | None = None


def use_by_kid(using: str | None = None) -> dict[str, Use]:
    """Kid → use, for every kid of the table."""
    rows = _credentials(using).order_by().values("kid")
    counted = rows.annotate(living=Count("pk", filter=_living()), last=Max("last_used_at"))
    return {row["kid"]: Use(row["living"], row["last"]) for row in counted}


def tokens_needing(kid: str) -> list[APIToken]:
    """The tokens, oldest first, that stop in part or whole when *kid* is retired."""
    needing = _credentials(None).filter(_living(), kid=kid).values("token")
    return list(APIToken.objects.filter(pk__in=needing).select_related("owner").order_by("pk"))


def _credentials(using: str | None) -> Any:
    return Credential._base_manager.using(using)


def _living() -> Q:
    """Neither expired nor ended nor deleted. A suspended token may be resumed: it counts."""
    now = timezone.now()
    unexpired = Q(expires_at=None) | Q(expires_at__gt=now)
    return unexpired & (Q(ends_at=None) | Q(ends_at__gt=now)) & Q(token__deleted_at=None)
