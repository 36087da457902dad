"""Those of allauth's pages that the portal has, at the portal's addresses.

There is no sign-up, and nobody manages e-mail addresses or links to Google here; allauth has to
find ``account_signup`` all the same, which leads to the log-in.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from django.urls import path, re_path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from accounts.signin import sessions, sso, views

log_in = views.LogIn.as_view()
log_out = views.LogOut.as_view()
change_password = views.ChangePassword.as_view()
confirm = views.ConfirmPassword.as_view()

urlpatterns = [
    path("login/", log_in, name="login"),
    path("login/", log_in, name="account_login"),
    path("logout/", log_out, name="logout"),
    path("logout/", log_out, name="account_logout"),
    path("signup/", RedirectView.as_view(pattern_name="login"), name="account_signup"),
    # Steps of the log-in
    path("login/code/", views.EnterCode.as_view(), name="mfa_authenticate"),
    path("login/passkey/", never_cache(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("login/failed/", social.login_error, name="socialaccount_login_error"),
    path("login/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("login/with/<slug:provider_id>/", views.continue_with, name="openid_connect_login"),
    path("login/with/<slug:provider_id>/callback/", views.come_back,
         name="openid_connect_callback"),
    path("login/sso/", sso.find, name="sso_find"),
    path("login/sso/<slug:company>/", sso.start, name="sso_start"),
    path("login/sso/<slug:company>/callback/", sso.come_back, name="sso_callback"),
    path("login/e-mail/", account.email_verification_sent, name="account_email_verification_sent"),
    path("login/e-mail/<str:key>/", never_cache(account.confirm_email),
         name="account_confirm_email"),
    # Passwords
    path("password/", change_password, name="password_change"),
    path("password/", change_password, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/sent/", account.password_reset_done, name="account_reset_password_done"),
    path("password/reset/done/", account.password_reset_from_key_done,
         name="account_reset_password_from_key_done"),
    re_path(r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
            views.NewPassword.as_view(), name="account_reset_password_from_key"),
    # Once more, before something that matters
    path("account/confirm/", confirm, name="confirm-password"),
    path("account/confirm/", confirm, name="account_reauthenticate"),
    path("account/confirm/code/", views.ConfirmCode.as_view(), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", never_cache(passkeys.reauthenticate_webauthn),
         name="mfa_reauthenticate_webauthn"),
    # Two-step verification
    path("account/two-step/", mfa.index, name="mfa_index"),
    path("account/two-step/app/", views.AddApp.as_view(), name="mfa_activate_totp"),
    path("account/two-step/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/two-step/codes/", never_cache(recovery_codes.view_recovery_codes),
         name="mfa_view_recovery_codes"),
    path("account/two-step/codes/new/", recovery_codes.generate_recovery_codes,
         name="mfa_generate_recovery_codes"),
    path("account/two-step/codes/download/", recovery_codes.download_recovery_codes,
         name="mfa_download_recovery_codes"),
    path("account/two-step/passkeys/", RedirectView.as_view(pattern_name="mfa_index"),
         name="mfa_list_webauthn"),
    path("account/two-step/passkeys/add/", never_cache(passkeys.add_webauthn),
         name="mfa_add_webauthn"),
    path("account/two-step/passkeys/<int:pk>/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/two-step/passkeys/<int:pk>/remove/", passkeys.remove_webauthn,
         name="mfa_remove_webauthn"),
    path("account/sessions/", sessions.Sessions.as_view(), name="usersessions_list"),
]  # fmt: skip
