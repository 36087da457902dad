"""The company's security history: written once, never changed."""

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connections, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

_unlocked = ContextVar("accounts_events_unlocked", default=False)


class EventsAreKept(TypeError):
    """History is append-only: events are neither changed nor deleted."""

    def __init__(self):
        super().__init__("security events are append-only")


@contextmanager
def unlocked_events(using):
    """Let the block delete events: for pruning and for a company's end, and for nobody else.

    PostgreSQL's trigger looks at a setting that ends with the transaction.
    """
    with transaction.atomic(using=using):
        _switch(using, "on")
        reset = _unlocked.set(True)
        try:
            yield
        finally:
            _unlocked.reset(reset)
            if not connections[using].needs_rollback:
                _switch(using, "off")


def _switch(using, state):
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT set_config('accounts.unlocked', %s, true)", [state])


def _check_unlocked():
    if not _unlocked.get():
        raise EventsAreKept


class SecurityEventQuerySet(models.QuerySet["SecurityEvent"]):
    """Reads and appends. Raises EventsAreKept on the rest."""

    def append(self, company_id, kind, *, actor=None, subject=None, about="", address=None, **data):
        """Write one line: *actor* is who did it, *subject* the person whom it is about; *about*
        names an address that is nobody's yet.
        """
        return self.create(
            company_id=company_id,
            kind=kind,
            actor_id="" if actor is None else str(actor.pk),
            actor_label="" if actor is None else str(actor)[:254],
            subject_id="" if subject is None else str(subject.pk),
            subject_label=about if subject is None else subject.email,
            address=address,
            data=data,
        )

    def for_company(self, company):
        return self.filter(company_id=company.pk)

    def with_person(self, user_id):
        """Those that the person did, and those about them."""
        return self.filter(Q(actor_id=user_id) | Q(subject_id=user_id))

    def update(self, **kwargs):
        _check_unlocked()
        return super().update(**kwargs)

    def delete(self):
        _check_unlocked()
        return super().delete()

    def bulk_update(self, *args, **kwargs):
        _check_unlocked()
        return super().bulk_update(*args, **kwargs)

    delete.alters_data = True  # type: ignore[attr-defined]  # Django's own mark for templates
    delete.queryset_only = True  # type: ignore[attr-defined]  # and for managers


class SecurityEvent(models.Model):
    """One line. No foreign keys: it outlives the person; a company's end takes it along."""

    class Kind(models.TextChoices):
        LOGIN_METHODS = "login-methods", _("Login methods")
        SECOND_FACTOR = "second-factor", _("Second factor")
        PASSWORD_EXPIRY = "password-expiry", _("Password expiry")
        DOMAINS = "domains", _("Domain whitelist")
        AUTO_LOGOUT = "auto-logout", _("Auto-logout")
        NETWORKS = "networks", _("Allowed networks")
        SSO = "sso", _("Custom SSO")
        SIGNED_IN = "signed-in", _("Sign-in")
        REFUSED = "refused", _("Refused sign-in")
        ENDED = "ended", _("Session ended")
        PASSWORD = "password", _("Password")
        FACTOR_ADDED = "factor-added", _("Second step added")
        FACTOR_REMOVED = "factor-removed", _("Second step removed")
        NEW_CODES = "new-codes", _("New recovery codes")
        INVITED = "invited", _("Invitation")
        WITHDRAWN = "withdrawn", _("Invitation withdrawn")
        JOINED = "joined", _("Joined")
        ACCESS_LEVEL = "access-level", _("Access level")
        EMAIL = "email", _("E-mail address")
        DUTIES = "duties", _("Responsibilities")
        DISABLED = "disabled", _("Person disabled")
        ENABLED = "enabled", _("Person enabled")
        CLOSED = "closed", _("Account closed")
        INTEGRATION = "integration", _("Integration")
        EXPORTED = "exported", _("Cases exported")
        RETENTION = "retention", _("Retention")
        ERASED = "erased", _("Candidates erased")

    company_id = models.BigIntegerField(_("company"), null=True)
    kind = models.CharField(_("what"), max_length=24, choices=Kind)
    actor_id = models.CharField(max_length=64, blank=True)
    actor_label = models.CharField(_("who"), max_length=254, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    subject_label = models.CharField(_("about"), max_length=254, blank=True)
    address = models.GenericIPAddressField(_("from"), null=True)
    at = models.DateTimeField(_("when"), default=timezone.now)
    data = models.JSONField(default=dict)

    objects = SecurityEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["company_id", "-at", "-id"], name="accounts_event_by_company"),
            models.Index(fields=["at"], name="accounts_event_by_age"),
        ]

    def __str__(self):
        return self.get_kind_display()

    def save(self, *args, **kwargs):
        if not self._state.adding:
            _check_unlocked()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        _check_unlocked()
        return super().delete(*args, **kwargs)
