"""Tokens in every state that there is, each by the services and then moved back in time."""

from datetime import timedelta

from django.utils import timezone

from apitokens.models import APIToken, Credential
from apitokens.services import (
    copy_token,
    default_scopes,
    delete_token,
    issue_token,
    limit_token,
    rotate_token,
    suspend_token,
)

COMMAND_LINE = "Command line"
CAMPUS, HRMS, BRIDGE = "Campus day import", "HRMS nightly export", "Old ATS bridge"
UNUSED, EXPIRED, ENDING = "Onboarding portal", "Data migration", "Interview day"
SUSPENDED = "Freshteam bridge"

AGES = {BRIDGE: 90, CAMPUS: 40, HRMS: 35, EXPIRED: 20, SUSPENDED: 15, UNUSED: 12}
"""Days since each was made."""
USED = {CAMPUS: ("2h", "203.0.113.7"), HRMS: ("6d", "198.51.100.20"),
        BRIDGE: ("9d", "203.0.113.44"), EXPIRED: ("20d", "192.0.2.15")}  # fmt: skip
UNITS = {"h": "hours", "d": "days"}


def existing_token(owner, name):
    """The newest token that has or had this name, tombstones too, or None."""
    return APIToken.objects.for_owner(owner).filter(name=name).order_by("-pk").first()


def make_tokens(owner, admin, leaver):
    """Acme's tokens by name, all working still; only on the first run."""
    lifetimes = {EXPIRED: timedelta(minutes=10)}
    return {
        name: issue_token(
            owner=owner,
            user=leaver if name == HRMS else admin,
            name=name,
            lifetime=lifetimes.get(name),
        )[0]
        for name in AGES
    }


def age_tokens(tokens, admin):
    """Let time pass: made and used long ago, one expired, one deleted."""
    now = timezone.now()
    for name, token in tokens.items():
        made = now - timedelta(days=AGES[name])
        APIToken.objects.filter(pk=token.pk).update(created_at=made)
        lifetime = {"expires_at": made + timedelta(minutes=10)} if name == EXPIRED else {}
        credentials = Credential.objects.filter(token=token)
        credentials.update(issued_at=made, **lifetime, **last_use(name, now))
    delete_token(token=tokens[BRIDGE], actor=admin)
    suspend_token(token=tokens[SUSPENDED], actor=admin)
    rotate_token(token=tokens[CAMPUS], overlap=timedelta(days=7), actor=admin)
    limit_token(
        token=tokens[UNUSED],
        scopes=default_scopes()[:1],
        networks=["203.0.113.0/28"],
        actor=admin,
    )


def last_use(name, now):
    if name not in USED:
        return {}
    ago, address = USED[name]
    span = timedelta(**{UNITS[ago[-1]]: int(ago[:-1])})
    return {"last_used_at": now - span, "last_used_from": address}


def renew_short_lived(owner, admin):
    """The token that is about to run out: a new one once the last has."""
    token = existing_token(owner, ENDING)
    if token is not None and (token.is_deleted or token.state != "expired"):
        return
    if token is not None:
        delete_token(token=token, actor=admin)
    issue_token(owner=owner, user=admin, name=ENDING, lifetime=timedelta(minutes=45))


def command_line_jwt(owner, admin):
    """The JWT for the line that is printed; the copy stands in the token's history."""
    token = existing_token(owner, COMMAND_LINE)
    if token is not None and token.is_usable:
        return copy_token(token=token, actor=admin)
    if token is not None:
        delete_token(token=token, actor=admin)
    return issue_token(owner=owner, user=admin, name=COMMAND_LINE, lifetime=None)[1]
