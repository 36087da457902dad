from tests.hosts.plain.settings import *  # noqa: F403 - the same project but for its owners
from tests.hosts.plain.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.hosts.team"]
APITOKENS_OWNER_MODEL = "team.Team"
APITOKENS_POLICY = "tests.hosts.team.policy.TeamTokenPolicy"
