"""Each system check speaks up for its fault, and says nothing without one."""

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import Tags, run_checks
from rest_framework.authentication import BasicAuthentication

from apitokens.authentication import APITokenAuthentication
from apitokens.conf import conf
from apitokens.models import APIToken, Credential
from apitokens.services import delete_token, suspend_token
from tests.factories import make_token

SECRET = "s" * 40
KEY = {"kid": "first", "alg": "HS256", "state": "active", "secret": SECRET}
OTHER = {**KEY, "kid": "other", "state": "verify", "secret": "o" * 40}
LEGACY = "apitokens.authentication.LegacyTokenAuthentication"
OURS = "apitokens.authentication.APITokenAuthentication"
BASIC = "rest_framework.authentication.BasicAuthentication"
LOCMEM = f"{LocMemCache.__module__}.LocMemCache"
DUMMY = "django.core.cache.backends.dummy.DummyCache"
SHARED = "django.core.cache.backends.redis.RedisCache"
PROXY = ("HTTP_X_FORWARDED_PROTO", "https")


def ids(**options):
    """Ids of our checks that speak up, in order."""
    return sorted(m.id for m in run_checks(**options) if m.id.startswith("apitokens"))


def on_deployment():
    return ids(tags=[Tags.security], include_deployment_checks=True)


@pytest.fixture
def change(settings):
    """change(NAME=value, …) sets settings."""

    def change(**values):
        for name, value in values.items():
            setattr(settings, name, value)

    return change


@pytest.fixture
def deployed(settings, monkeypatch):
    """deployed(engine=…) → as in production: shared cache, own keys, a limit of failures."""
    settings.APITOKENS_KEYS = [KEY]
    settings.APITOKENS_FAILURE_LIMIT = 300
    settings.CACHES = {"default": {"BACKEND": SHARED, "LOCATION": "redis://127.0.0.1:1"}}

    def deployed(engine="postgresql"):
        name = f"django.db.backends.{engine}"
        monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", name)
        settings.APITOKENS_FAILURE_LIMIT = settings.APITOKENS_FAILURE_LIMIT  # read anew

    deployed()
    return deployed


def test_the_portal_as_tests_run_it_has_no_fault():
    assert ids() == []


# Errors -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "keys",
    [
        None, [], "", "{", {}, [7], [{}], [{**KEY, "kid": ""}], [{**KEY, "alg": "none"}],
        [{**KEY, "alg": "ES256"}], [{**KEY, "state": "asleep"}], [{**KEY, "state": "verify"}],
        [{**KEY, "secret": "short"}], [KEY, KEY], [KEY, {**OTHER, "secret": SECRET}],
        [KEY, {**OTHER, "state": "active"}], [{**KEY, "published_at": "yesterday"}],
    ],
)  # fmt: skip
def test_unusable_keys_are_E001(change, keys):
    change(APITOKENS_KEYS=keys)
    assert ids() == ["apitokens.E001"]


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_an_unusable_keys_file_is_E001(change, tmp_path, name):
    change(APITOKENS_KEYS=None, APITOKENS_KEYS_FILE=str(tmp_path / name))
    assert ids() == ["apitokens.E001"]


def test_keys_in_two_places_are_E001(change, tmp_path):
    change(APITOKENS_KEYS=[KEY], APITOKENS_KEYS_FILE=str(tmp_path / "keys.json"))
    assert ids() == ["apitokens.E001"]


@pytest.mark.parametrize("keys", [[KEY], [KEY, OTHER], [KEY, {**OTHER, "state": "retired"}]])
def test_usable_keys_are_fine(change, keys):
    change(APITOKENS_KEYS=keys)
    assert ids() == []


@pytest.mark.parametrize(
    "path",
    [
        "nowhere.Policy", "apitokens.policy.Nothing", "word", "apitokens.models.APIToken",
        "apitokens.policy.get_policy",
    ],
)  # fmt: skip
def test_a_policy_that_is_none_is_E002(change, path):
    change(APITOKENS_POLICY=path)
    assert ids() == ["apitokens.E002"]


def test_the_policy_of_our_own_is_fine(change):
    change(APITOKENS_POLICY="apitokens.policy.TokenPolicy")
    assert ids() == []


@pytest.mark.django_db
def test_another_owner_model_than_the_tables_is_E003_where_a_database_is_asked(change):
    assert ids(databases=["default"]) == []
    change(APITOKENS_OWNER_MODEL="accounts.User")
    assert ids(databases=["default"]) == ["apitokens.E003"]
    assert ids() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ([OTHER | {"state": "active"}], ["apitokens.E004"]),
        ([OTHER | {"state": "active"}, KEY | {"state": "verify"}], []),
        ([OTHER | {"state": "active"}, KEY | {"state": "retired"}], []),
        (None, ["apitokens.E001"]),
    ],
    ids=["gone", "verifies", "retired", "no keys at all"],
)
def test_living_tokens_of_a_key_that_is_gone_are_E004(change, keys, found):
    change(APITOKENS_KEYS=[KEY])
    make_token()
    assert ids(databases=["default"]) == []
    change(APITOKENS_KEYS=keys)
    assert ids(databases=["default"]) == found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("end", "found"),
    [(delete_token, []), (suspend_token, ["apitokens.E004"])],
    ids=["deleted", "suspended"],
)
def test_a_key_is_missed_only_by_tokens_that_may_live(change, end, found):
    change(APITOKENS_KEYS=[KEY])
    end(token=make_token()[0], actor=None)
    change(APITOKENS_KEYS=[OTHER | {"state": "active"}])
    assert ids(databases=["default"]) == found


@pytest.mark.django_db
@pytest.mark.parametrize(
    "missing",
    [
        [(APIToken._meta, "db_table"), (Credential._meta, "db_table")],
        [(Credential._meta.get_field("last_used_at"), "column")],
    ],
    ids=["tables", "a column"],
)
def test_before_the_migration_the_tables_are_not_asked(monkeypatch, missing):
    for place in missing:
        monkeypatch.setattr(*place, "not_yet")
    assert ids(databases=["default"]) == []


@pytest.mark.parametrize(
    "scopes",
    [
        "read", ["read"], 7, {"": "x"}, {"a b": "x"}, {'a"b': "x"}, {"a\\b": "x"}, {"é": "x"},
        {"a\n": "x"}, {"a\x7f": "x"}, {7: "x"}, {None: "x"},
    ],
)  # fmt: skip
def test_a_scope_that_no_scope_parameter_can_hold_is_E005(change, scopes):
    change(APITOKENS_SCOPES=scopes)
    assert ids() == ["apitokens.E005"]


@pytest.mark.parametrize("scopes", [{}, {"a:b": "x"}, {"!#[]^~'": "x"}])
def test_a_scope_that_a_scope_parameter_can_hold_is_fine(change, scopes):
    change(APITOKENS_SCOPES=scopes)
    assert ids() == []


COUNTS = ["PROXY_DEPTH", "FAILURE_LIMIT", "SIGNATURE_CACHE_SIZE", "PAGE_SIZE", "HEADING_LEVEL"]
SPANS = ["LAST_USED_INTERVAL", "REAUTH_AGE", "EVENT_RETENTION", "KEY_PROPAGATION"]


@pytest.mark.parametrize("value", [-1, "10", True, float("nan"), float("inf"), -0.5, [], b"1"])
@pytest.mark.parametrize("name", [*COUNTS, *SPANS])
def test_what_is_no_number_or_negative_is_E006(change, name, value):
    change(**{f"APITOKENS_{name}": value})
    assert ids() == ["apitokens.E006"]


@pytest.mark.parametrize(
    ("name", "found"),
    [*((name, ["apitokens.E006"]) for name in COUNTS), *((name, []) for name in SPANS)],
)
def test_only_a_span_may_have_fractions(change, name, found):
    change(**{f"APITOKENS_{name}": 1.5})
    assert ids() == found


@pytest.mark.parametrize("value", [0, 1, 10_000])
@pytest.mark.parametrize("name", [*COUNTS, *SPANS])
def test_a_number_is_fine(change, name, value):
    change(**{f"APITOKENS_{name}": value})
    assert ids() == []


# Warnings ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("classes", "found"),
    [
        ([BASIC, OURS], ["apitokens.W001"]),
        ([BasicAuthentication, APITokenAuthentication], ["apitokens.W001"]),
        ([BASIC, BASIC, OURS], ["apitokens.W001"]),
        ([OURS, OURS], ["apitokens.W001"]),
        ([OURS, BASIC, LEGACY], ["apitokens.W001"]),
        ([BASIC, LEGACY], ["apitokens.W001"]),
        ([LEGACY, OURS, BASIC], []),
        ([OURS, LEGACY, BASIC], []),
        ([OURS, BASIC], []),
        ([APITokenAuthentication, BasicAuthentication], []),
        ([BASIC], []),
        ([], []),
    ],
)
def test_another_class_before_ours_is_W001(change, classes, found):
    change(REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": classes})
    assert ids() == found


def test_a_deployment_without_fault_is_silent(deployed):
    assert on_deployment() == []


@pytest.mark.parametrize(
    ("state", "found"),
    [("active", ["apitokens.W002"]), ("verify", ["apitokens.W002"]), ("retired", [])],
)
def test_a_key_made_for_development_is_W002_when_deployed(deployed, change, state, found):
    development = {**KEY, "kid": "development", "state": state}
    others = [] if state == "active" else [{**OTHER, "state": "active"}]
    change(APITOKENS_KEYS=[development, *others])
    assert on_deployment() == found
    assert ids() == []


def test_unusable_keys_are_E001_alone_when_deployed(deployed, change):
    change(APITOKENS_KEYS=None)
    assert on_deployment() == ["apitokens.E001"]


@pytest.mark.parametrize(
    ("header", "depth", "found"),
    [(PROXY, 0, ["apitokens.W003"]), (PROXY, None, ["apitokens.W003"]), (PROXY, 1, []),
     (None, 0, [])],
)  # fmt: skip
def test_a_proxy_that_is_not_counted_is_W003_when_deployed(deployed, change, header, depth, found):
    change(SECURE_PROXY_SSL_HEADER=header, APITOKENS_PROXY_DEPTH=depth)
    assert on_deployment() == found
    assert ids() == []


@pytest.mark.parametrize(
    ("backend", "limit", "engine", "found"),
    [
        (LOCMEM, 300, "postgresql", ["apitokens.W004"]),
        (LOCMEM, None, "postgresql", ["apitokens.W004"]),
        (DUMMY, 300, "postgresql", ["apitokens.W004"]),
        (LOCMEM, 0, "postgresql", []),
        (LOCMEM, 300, "sqlite3", []),
        (SHARED, 300, "postgresql", []),
    ],
)
def test_failures_counted_by_each_process_are_W004_when_deployed(
    deployed, change, backend, limit, engine, found
):
    change(CACHES={"default": {"BACKEND": backend}}, APITOKENS_FAILURE_LIMIT=limit)
    deployed(engine)
    assert on_deployment() == found
    assert ids(tags=[Tags.security]) == []


def test_only_the_cache_that_counts_is_judged(deployed, change):
    change(CACHES={"default": {"BACKEND": LOCMEM}, "counts": {"BACKEND": SHARED}})
    assert on_deployment() == ["apitokens.W004"]
    change(APITOKENS_CACHE="counts")
    assert on_deployment() == []


@pytest.mark.parametrize(
    ("size", "found"),
    [(1_000_001, ["apitokens.W005"]), (1_000_000, []), (0, []), (None, [])],
)
def test_a_memory_of_too_many_signatures_is_W005_when_deployed(deployed, change, size, found):
    change(APITOKENS_SIGNATURE_CACHE_SIZE=size)
    assert on_deployment() == found
    assert ids() == []


@pytest.mark.parametrize(
    "name", ["SCOPES", "EVENT_RETENTION", "LAST_USED_INTERVAL", "KEY_PROPAGATION", "PROXY_DEPTH"]
)
def test_none_means_the_default(settings, name):
    field = name.lower()
    setattr(settings, f"APITOKENS_{name}", None)
    given = getattr(conf, field)
    delattr(settings, f"APITOKENS_{name}")
    assert given == getattr(conf, field)


def test_moments_without_a_time_zone_are_E009(change):
    change(USE_TZ=False)
    assert "apitokens.E009" in ids()
    change(USE_TZ=True)
    assert ids() == []
