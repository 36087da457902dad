"""A lead manages the tokens of the team; a team that is archived has none that work."""

from apitokens.policy import TokenPolicy


class TeamTokenPolicy(TokenPolicy):
    def owner_for(self, request):
        return request.user.team if request.user.is_authenticated else None

    def can_manage(self, user, owner):
        return user.is_active and user.leads and user.team_id == owner.pk

    def stop_reason(self, token):
        if token.owner.archived:
            return "Das Team ist aufgelöst"
        return super().stop_reason(token)

    def admins(self, owner):
        return owner.person_set.filter(leads=True, is_active=True)

    def purpose(self, owner):
        return f"Mit einem Schlüssel ändert ein Programm den Bestand von {owner}."
