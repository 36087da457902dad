"""What django-allauth is told: how people of the portal sign in (accounts/signin/).

Nobody signs up: people are invited. Google and Microsoft are off until they have a client id.
"""

from svportal.settings_networks import networks

GOOGLE = "https://accounts.google.com"
MICROSOFT = "https://login.microsoftonline.com/{tenant}/v2.0"


def sign_in_settings(env, *, debug, https):
    """Settings by name, for svportal.settings."""
    return {
        **PASSWORDS,
        **ACCOUNT,
        **SECOND_FACTOR,
        **deployment(env, debug, https),
        **identity_providers(env),
    }


_validators = "django.contrib.auth.password_validation"

PASSWORDS = {
    "AUTH_PASSWORD_VALIDATORS": [
        {
            "NAME": f"{_validators}.UserAttributeSimilarityValidator",
            "OPTIONS": {"user_attributes": ["name", "email", "phone"]},
        },
        {"NAME": f"{_validators}.MinimumLengthValidator"},
        {"NAME": f"{_validators}.CommonPasswordValidator"},
        {"NAME": f"{_validators}.NumericPasswordValidator"},
        {"NAME": "accounts.security.passwords.NotAFormerPassword"},
    ],
    "PASSWORD_RESET_TIMEOUT": 60 * 60,
}

ACCOUNT = {
    "ACCOUNT_ADAPTER": "accounts.signin.adapter.AccountAdapter",
    "ACCOUNT_FORMS": {
        "login": "accounts.signin.forms.LogInForm",
        "reauthenticate": "accounts.signin.forms.ConfirmPasswordForm",
        "change_password": "accounts.signin.forms.ChangePasswordForm",
        "reset_password": "accounts.signin.forms.ForgottenPasswordForm",
        "reset_password_from_key": "accounts.signin.forms.NewPasswordForm",
    },
    "ACCOUNT_LOGIN_METHODS": {"email"},
    "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
    "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
    "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
    "ACCOUNT_EMAIL_NOTIFICATIONS": True,
    "ACCOUNT_EMAIL_SUBJECT_PREFIX": "",
    "ACCOUNT_PREVENT_ENUMERATION": True,
    "ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE": False,
    "ACCOUNT_SESSION_REMEMBER": True,
    "ACCOUNT_REAUTHENTICATION_TIMEOUT": 15 * 60,
    "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
    "ACCOUNT_RATE_LIMITS": {
        "login_failed": "10/m/ip,5/5m/key",
        "sso": "20/m/ip",
        "sso_test": "10/m/user",
        "webhook_test": "10/m/user",
        "intake_link": "30/m/ip",
        "intake_mail": "3/h/key",
        "connection_message": "300/m/ip",
        "connection_test": "10/m/user",
    },
}

SECOND_FACTOR = {
    "MFA_ADAPTER": "accounts.signin.second_factor.SecondFactorAdapter",
    "MFA_FORMS": {
        "authenticate": "accounts.signin.forms.CodeForm",
        "reauthenticate": "accounts.signin.forms.ConfirmCodeForm",
        "activate_totp": "accounts.signin.forms.AddAppForm",
        "login_webauthn": "accounts.signin.forms.PasskeyLogInForm",
        "authenticate_webauthn": "accounts.signin.forms.PasskeyForm",
        "reauthenticate_webauthn": "accounts.signin.forms.ConfirmPasskeyForm",
        "add_webauthn": "accounts.signin.forms.AddPasskeyForm",
        "edit_webauthn": "accounts.signin.forms.RenamePasskeyForm",
    },
    "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes", "webauthn"],
    "MFA_PASSKEY_LOGIN_ENABLED": True,
    "MFA_WEBAUTHN_USER_VERIFICATION": "required",
    "MFA_TOTP_TOLERANCE": 1,
    "MFA_TOTP_ISSUER": "SV Portal",
}


def deployment(env, debug, https):
    return {
        "ACCOUNT_DEFAULT_HTTP_PROTOCOL": "https" if https else "http",
        # Passkeys are tied to their origin, which is https; a developer's localhost is not.
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": debug and not https,
        "MFA_SECRET_KEYS": env.list("MFA_SECRET_KEYS", default=[]),
    }


def identity_providers(env):
    """Google and Microsoft by OpenID Connect, each where it has a client id."""
    apps = [app for app in (google(env), microsoft(env)) if app["client_id"]]
    return {
        "SOCIALACCOUNT_ADAPTER": "accounts.signin.social.SocialAccountAdapter",
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}},
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": True,
        # Who somebody is, is the verified e-mail at every log-in; no link is kept beside it.
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT": False,
        "SOCIALACCOUNT_STORE_TOKENS": False,
        # Where identity providers may stand whose addresses are not public: "10.20.0.0/16"
        "SSO_NETWORKS": networks(env, "SSO_NETWORKS"),
    }


def google(env):
    return {
        "provider_id": "google",
        "name": "Google",
        "client_id": env.str("GOOGLE_CLIENT_ID", default=""),
        "secret": env.str("GOOGLE_CLIENT_SECRET", default=""),
        "settings": {"server_url": GOOGLE, "fetch_userinfo": False},
    }


def microsoft(env):
    """One tenant: the discovery document of many has no issuer that a token could be held to."""
    tenant = env.str("MICROSOFT_TENANT", default="")
    return {
        "provider_id": "microsoft",
        "name": "Microsoft",
        "client_id": env.str("MICROSOFT_CLIENT_ID", default="") if tenant else "",
        "secret": env.str("MICROSOFT_CLIENT_SECRET", default=""),
        "settings": {"server_url": MICROSOFT.format(tenant=tenant), "fetch_userinfo": False},
    }
