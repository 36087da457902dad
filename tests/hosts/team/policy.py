from apitokens.policy import TokenPolicy


class TeamTokenPolicy(TokenPolicy):
    def owner_for(self, request):
        return request.user.team_set.first()

    def can_manage(self, user, owner):
        return user.is_active and user.team_set.filter(pk=owner.pk).exists()
