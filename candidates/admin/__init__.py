"""Django admin: where operations staff keep the catalogue and move cases."""

from candidates.admin import candidates, cases, catalogue, checks, credits

__all__ = ["candidates", "cases", "catalogue", "checks", "credits"]
