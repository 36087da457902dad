from django.apps import AppConfig, apps
from django.core import checks
from django.utils.translation import gettext_lazy as _


class APITokensConfig(AppConfig):
    name = "apitokens"
    verbose_name = _("API tokens")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from apitokens import audit
        from apitokens.checks import ALL, check_owner_model

        if apps.is_installed("drf_spectacular"):
            from apitokens import schema  # noqa: F401 - registers itself
        audit.connect()
        for check in ALL:
            checks.register(check, checks.Tags.security)
        checks.register(check_owner_model, checks.Tags.database)
