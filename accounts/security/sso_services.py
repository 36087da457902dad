"""The only writers of a company's connection to its identity provider."""

from allauth.socialaccount.models import SocialAccount
from django.utils import timezone

from accounts.security.login_services import check_way_in
from accounts.security.methods import SSO
from accounts.security.models import SecurityEvent, SingleSignOn
from accounts.security.services import Change, SettingRefused, change_settings
from accounts.signin.provider_ids import provider_of

Kind = SecurityEvent.Kind


class SecretNeeded(SettingRefused):
    """A secret is sent to nobody but the provider that it was entered for."""


def connect(*, visit, issuer, client_id, secret=""):
    """Connect the visitor's company, or change its connection; without *secret* the one that is
    there stays. With another issuer or client it is another connection: nobody of the old one stays
    signed in or known. Raises SecretNeeded, LocksYouOut.
    """

    def edit(policy):
        now = SingleSignOn.objects.filter(company=policy.company).first()
        before = described(now)
        goes_on = now is not None and now.is_of(issuer, client_id)
        if not secret and not (goes_on and now.has_readable_secret):
            raise SecretNeeded
        if not goes_on:
            now = begin(policy, visit.user, issuer, client_id)
        if secret:
            now.secret = secret
            now.save()
        return [Change(Kind.SSO, before, described(now))]

    return change_settings(visit=visit, edit=edit)


def begin(policy, user, issuer, client_id):
    """Another connection than before, not saved yet."""
    forget_identities(policy.company_id)
    policy.sso_from = timezone.now()
    return SingleSignOn(
        company=policy.company, issuer=issuer, client_id=client_id,
        connected_at=policy.sso_from, connected_by=user,
    )  # fmt: skip


def disconnect(*, visit, proven, available):
    """Remove the connection, with its secret and all whom it knew. Raises NoMethodLeft, NotProven,
    LocksYouOut; *proven* and *available* are as for change_log_in.
    """

    def edit(policy):
        found = SingleSignOn.objects.filter(company=policy.company).first()
        if found is None:
            return []
        off = {SSO, *policy.methods_off.split()}
        check_way_in([name for name in available if name not in off], proven)
        before = described(found)
        found.delete()
        forget_identities(policy.company_id)
        policy.sso_from = None
        policy.methods_off = " ".join(sorted(off - {SSO}))
        return [Change(Kind.SSO, before, None)]

    return change_settings(visit=visit, edit=edit)


def forget_identities(company_id):
    SocialAccount.objects.filter(provider=provider_of(company_id)).delete()


def described(connection):
    """What the history keeps of it: never the secret, but when that was set."""
    return connection and {
        "issuer": connection.issuer,
        "client_id": connection.client_id,
        "secret_set_at": connection.secret_set_at.isoformat(),
    }
