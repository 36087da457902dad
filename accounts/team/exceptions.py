"""Why something can't be done to a person or an invitation. No HTTP."""


class TeamError(Exception):
    """Nothing was written."""


class NotAnAdmin(TeamError):
    """Whoever does it is no Admin of the company any more, or not of this company."""


class Yourself(TeamError):
    """What only another Admin may do."""


class LastAdmin(TeamError):
    """The company would be left without an Admin who can sign in."""


class AlreadyThere(TeamError):
    """The address belongs to somebody of the team, or is invited already."""


class DomainNotAllowed(TeamError):
    """People of this domain may not sign in, so they can't be invited."""


class TokensChanged(TeamError):
    """The person has a live token that was not on the page that was answered."""


class InvitationOver(TeamError):
    """Withdrawn, answered, expired, or the address belongs to an account by now."""
