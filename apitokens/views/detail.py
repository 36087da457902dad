"""The page of one token: its credentials, its use, its limits, its history."""

from ipaddress import ip_address

from apitokens.conf import conf
from apitokens.history import events_about
from apitokens.models import APITokenEvent
from apitokens.policy import get_policy
from apitokens.views.base import ManagePage


class DetailPage(ManagePage):
    def get(self, request, *args, **kwargs):
        usage = get_policy().usage(self.token)
        return self.render(
            "apitokens/detail.html",
            token=self.token,
            credentials=self.credentials(),
            role=get_policy().role(self.token.user) if self.token.user else "",
            usage_label=get_policy().usage_label(usage[0]) if usage else "",
            usage_url=usage[1] if usage else "",
            scopes=self.scopes(),
            networks=self.networks(),
            events=events_about(self.token),
        )

    def credentials(self):
        """The current one and the old that still work, each with the event that made it; then what
        works of other packages.

        Every event of these kinds made one, so the newest belongs to the newest and so on.
        """
        making = APITokenEvent.objects.about(self.token).filter(
            kind__in=["created", "imported", "rotated"]
        )
        everyone = sorted(self.token.credentials.all(), key=lambda c: -c.pk)
        made_by = {e[0].pk: e[1] for e in zip(everyone, making.order_by("-pk"), strict=False)}
        shown = [self.token.credential, *self.token.old_credentials]
        made = [(c, made_by.get(c.pk)) for c in shown if c is not None]
        return made + [(secret, None) for secret in self.token.old_secrets]

    def scopes(self):
        """(scope, its sentence, whether it was granted) for each declared one."""
        return [(name, text, self.token.has_scope(name)) for name, text in conf.scopes.items()]

    def networks(self):
        """(network, when it was last used from there, as far as the credentials know)."""
        return [(plain(network), self.last_use_within(network)) for network in self.token.networks]

    def last_use_within(self, network):
        uses = [
            credential.last_used_at
            for credential in self.token.credentials.all()
            if credential.last_used_from and ip_address(credential.last_used_from) in network
        ]
        return max(uses, default=None)


def plain(network):
    """A network of one address is written as that address."""
    return network.network_address if network.num_addresses == 1 else network
