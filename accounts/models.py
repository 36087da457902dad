"""Companies and the people who sign in for them."""

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import AccessLevel
from accounts.security.models import FormerPassword, SecurityEvent, SecurityPolicy, SingleSignOn
from accounts.team.models import Invitation

__all__ = [
    "RETENTION_DAYS",
    "AccessLevel",
    "Company",
    "FormerPassword",
    "Invitation",
    "SecurityEvent",
    "SecurityPolicy",
    "SingleSignOn",
    "User",
    "UserManager",
    "normalise_email",
]


RETENTION_DAYS = (30, 3650)


def CASCADE_WHOLE(collector, field, sub_objs, using):
    """CASCADE that never sets the key to null on the way.

    Django does so where a database can't defer its checks (MariaDB), and the constraint that an
    access level goes with a company refuses it.
    """
    collector.collect(
        sub_objs, source=field.remote_field.model, source_attr=field.name, fail_on_restricted=False
    )


class Company(models.Model):
    """A customer. Staff create it; its people, tokens and candidates go when it goes."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), unique=True)
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Off: its people can't sign in, its tokens get 401."),
    )
    email_required = models.BooleanField(_("candidates need an e-mail"), default=True)
    resume_required = models.BooleanField(_("candidates need a résumé"), default=False)
    retention_days = models.PositiveSmallIntegerField(
        _("candidates are erased after days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(RETENTION_DAYS[0]), MaxValueValidator(RETENTION_DAYS[1])],
        help_text=_("Counted from when the case is finished. Empty: never by themselves."),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(retention_days=None) | Q(retention_days__range=RETENTION_DAYS),
                name="accounts_company_retention_days_30_to_3650",
            )
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        if not self.is_active:
            self.users.end_sessions()  # people of a company that goes on sign in again

    @property
    def security(self):
        """Its security settings: the joined row, or none at all."""
        try:
            return self.security_policy
        except SecurityPolicy.DoesNotExist:
            return SecurityPolicy(company=self)


class UserQuerySet(models.QuerySet):
    def update(self, **fields):
        """Whoever is disabled at once with others loses their sessions for good too."""
        if fields.get("is_active") is False:
            fields.setdefault("session_epoch", F("session_epoch") + 1)
        return super().update(**fields)

    update.alters_data = True  # type: ignore[attr-defined]  # Django's own mark for templates

    def end_sessions(self):
        """Sign these people out everywhere, in one statement."""
        return self.update(session_epoch=F("session_epoch") + 1)

    end_sessions.alters_data = True  # type: ignore[attr-defined]  # the same


class UserManager(BaseUserManager):
    def get_queryset(self):
        return UserQuerySet(self.model, using=self._db)

    def end_sessions(self):
        return self.get_queryset().end_sessions()

    def get_by_natural_key(self, username):
        return self.get(email=normalise_email(username))

    def create_user(self, email, password=None, **fields):
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


def normalise_email(email):
    """One spelling for an address: people don't tell `Asha@` from `asha@`, so we don't either."""
    return (email or "").strip().lower()


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail: of a company with an access level, or of our own staff."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    company = models.ForeignKey(
        Company, CASCADE_WHOLE, null=True, blank=True, related_name="users",
        verbose_name=_("company"),
    )  # fmt: skip
    access_level = models.CharField(
        _("access level"), max_length=16, choices=AccessLevel, blank=True
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("operations staff"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    password_changed_at = models.DateTimeField(
        _("password set"), default=timezone.now, editable=False
    )
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    """Part of what a session rests on: raised, it ends every session for good."""

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(company=None, access_level="")
                | Q(company__isnull=False, access_level__in=AccessLevel.values),
                name="accounts_user_access_level_goes_with_company",
                violation_error_message=_("A company's user has an access level, staff have none."),
            )
        ]

    def __str__(self):
        return self.name or self.email

    def clean(self):
        super().clean()
        self.email = normalise_email(self.email)

    def save(self, *args, update_fields=None, **kwargs):
        self.email = normalise_email(self.email)
        if not self.is_active and (update_fields is None or "is_active" in update_fields):
            self.session_epoch += 1  # who is enabled again signs in again
            update_fields = update_fields and {*update_fields, "session_epoch"}
        if self._password is None:
            super().save(*args, update_fields=update_fields, **kwargs)
        else:
            self.save_new_password(*args, update_fields=update_fields, **kwargs)

    @transaction.atomic
    def save_new_password(self, *args, **kwargs):
        """The password was set: its age begins anew, the one before is remembered.

        A hash that is merely made stronger at log-in sets no password, so it comes not this way.
        """
        from accounts.security import audit  # it knows how people sign in, which needs this model

        self.password_changed_at = timezone.now()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "password_changed_at"}
        before = User.objects.filter(pk=self.pk).values_list("password", flat=True).first()
        super().save(*args, **kwargs)
        if before:
            FormerPassword.objects.keep(self.pk, before)
            audit.password_set(self)

    def get_session_auth_hash(self):
        return f"{super().get_session_auth_hash()}.{self.session_epoch}"

    def get_session_auth_fallback_hash(self):
        for fallback in super().get_session_auth_fallback_hash():
            yield f"{fallback}.{self.session_epoch}"

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name.split(" ")[0] if self.name else self.email

    @property
    def initials(self):
        words = (self.name or self.email).split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def is_closed(self):
        return self.closed_at is not None

    @property
    def is_company_admin(self):
        return self.company_id is not None and self.access_level == AccessLevel.ADMIN

    @property
    def may_sign_in(self):
        """Active, and of an active company if of any. Reads the joined company: no query."""
        return self.is_active and (self.company_id is None or self.company.is_active)
