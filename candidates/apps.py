from django.apps import AppConfig


class CandidatesConfig(AppConfig):
    name = "candidates"
    verbose_name = "Candidates"

    def ready(self):
        from accounts.team import duties
        from candidates.duties import Categories

        duties.register(Categories())
