from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class APITokensConfig(AppConfig):
    name = "apitokens"
    verbose_name = _("API tokens")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from apitokens import audit, checks, reauthentication, verification

        if apps.is_installed("drf_spectacular"):
            from apitokens import schema  # noqa: F401 - registers itself
        audit.connect()
        reauthentication.connect()
        checks.register()
        post_migrate.connect(verification.after_migrate, sender=self)
