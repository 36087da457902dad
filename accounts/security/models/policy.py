"""What a company asks of its people when they sign in and go on. Never of candidates or tokens."""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.security.domains import domain_of

PASSWORD_DAYS = (1, 365)
IDLE_MINUTES = (5, 1440)
GRACE_DAYS = (0, 30)


def number(label, bounds):
    """A whole number within *bounds*, or None: off."""
    lowest, highest = bounds
    validators = [MinValueValidator(lowest), MaxValueValidator(highest)]
    return models.PositiveSmallIntegerField(label, null=True, blank=True, validators=validators)


def within(field, bounds, name):
    return models.CheckConstraint(
        condition=Q(**{field: None}) | Q(**{f"{field}__range": bounds}),
        name=f"accounts_security_policy_{name}",
    )


class SecurityPolicy(models.Model):
    """One a company. A company without a row restricts nothing, as a new row does."""

    company = models.OneToOneField(
        "accounts.Company", models.CASCADE, primary_key=True, related_name="security_policy",
        verbose_name=_("company"),
    )  # fmt: skip
    password_days = number(_("passwords expire after days"), PASSWORD_DAYS)
    only_domains = models.BooleanField(_("only these domains"), default=False)
    domains = models.JSONField(_("domains"), default=list, blank=True)
    idle_minutes = number(_("sign out after minutes without activity"), IDLE_MINUTES)
    idle_from = models.DateTimeField(null=True, editable=False)
    networks = models.TextField(_("allowed networks"), blank=True)
    methods_off = models.CharField(_("login methods that are off"), max_length=200, blank=True)
    sso_from = models.DateTimeField(null=True, editable=False)
    """Since when the single sign-on stands as it is; null: there is none."""
    second_factor_from = models.DateTimeField(_("second factor needed from"), null=True, blank=True)
    grace_days = number(_("grace period in days"), GRACE_DAYS)

    class Meta:
        verbose_name = _("security policy")
        verbose_name_plural = _("security policies")
        constraints = [
            within("password_days", PASSWORD_DAYS, "password_days_1_to_365"),
            within("idle_minutes", IDLE_MINUTES, "idle_minutes_5_to_1440"),
            within("grace_days", GRACE_DAYS, "grace_days_0_to_30"),
            models.CheckConstraint(
                condition=Q(idle_minutes=None, idle_from=None)
                | Q(idle_minutes__isnull=False, idle_from__isnull=False),
                name="accounts_security_policy_idle_counts_from_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(grace_days=None, second_factor_from=None)
                | Q(grace_days__isnull=False, second_factor_from__isnull=False),
                name="accounts_security_policy_grace_leads_to_a_moment",
            ),
        ]

    def __str__(self):
        return str(self.company)

    @property
    def domain_names(self):
        """The listed domains as they are compared: lower case, international ones encoded."""
        return [entry["name"] for entry in self.domains]

    def allows_email(self, email):
        """Whether the address stands in one of the domains itself: below one is outside."""
        return not self.only_domains or domain_of(email) in self.domain_names

    def allows_address(self, address):
        """Whether *address* stands in one of the networks; without networks anywhere will do."""
        if not self.networks:
            return True
        if address is None:
            return False
        client = ip_address(address)
        return any(client in ip_network(network) for network in self.networks.split())

    def allows_method(self, method):
        return method not in self.methods_off.split()

    def allows_sso_of(self, moment):
        """Whether who came by single sign-on at *moment* came by the one that stands now."""
        return self.sso_from is not None and moment >= self.sso_from

    @property
    def idle_span(self):
        return None if self.idle_minutes is None else timedelta(minutes=self.idle_minutes)

    def password_ends_at(self, set_at):
        """When a password of *set_at* must be replaced, or None: never."""
        return None if self.password_days is None else set_at + timedelta(days=self.password_days)
