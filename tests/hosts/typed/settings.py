SECRET_KEY = "typed-" + "k" * 60
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "rest_framework",
    "apitokens",
    "typed",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ROOT_URLCONF = "typed.urls"
APITOKENS_KEYS = [{"kid": "k1", "alg": "HS256", "state": "active", "secret": "s" * 64}]
APITOKENS_POLICY = "typed.policy.OwnTokenPolicy"
APITOKENS_SCOPES = {"orders:read": "Read orders", "orders:write": "Add orders"}
