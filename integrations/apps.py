from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = "Integrations"

    def ready(self):
        from integrations.inbound import forgetting, writing
        from integrations.outbound import outbox

        outbox.connect()
        forgetting.connect()
        writing.connect()
