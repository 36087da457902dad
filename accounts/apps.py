from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self):
        from accounts.security import audit
        from accounts.signin import addresses, reauthentication, sessions

        for receivers in (audit, addresses, reauthentication, sessions):
            receivers.connect()
