from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = "Integrations"

    def ready(self):
        from integrations.inbound import forgetting
        from integrations.outbound import outbox

        outbox.connect()
        forgetting.connect()
