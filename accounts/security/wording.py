"""What a line of the security history says: as HTML for the page, as text for CSV.

Each function takes an event and ``say`` (``plain`` or ``isolated`` of apitokens.wording), which
puts names and addresses into a sentence of ours.
"""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import AccessLevel
from accounts.security.domains import readable
from accounts.security.methods import method_name
from accounts.security.models import SecurityEvent
from apitokens.wording import details_of

Kind = SecurityEvent.Kind

REASONS = {
    "password": gettext_lazy("wrong password"),
    "code": gettext_lazy("wrong code"),
    "passkey": gettext_lazy("wrong passkey"),
    "inactive": gettext_lazy("account is disabled"),
    "domain": gettext_lazy("outside the listed domains"),
    "network": gettext_lazy("outside the allowed networks"),
    "idle": gettext_lazy("no activity"),
    "method": gettext_lazy("login method is off"),
    "stranger": gettext_lazy("nobody of this company"),
    "identity": gettext_lazy("known to the identity provider as somebody else"),
}

FACTORS = {
    "totp": gettext_lazy("authenticator app"),
    "recovery_codes": gettext_lazy("recovery codes"),
    "webauthn": gettext_lazy("passkey"),
}
SECOND_STEPS = {
    "totp": gettext_lazy("code"),
    "recovery_codes": gettext_lazy("recovery code"),
    "webauthn": gettext_lazy("passkey"),
}
INTEGRATION_ACTS = {
    "connected": gettext_lazy("connected"),
    "credentials": gettext_lazy("new credentials"),
    "renamed": gettext_lazy("renamed"),
    "mapped": gettext_lazy("what starts a check was changed"),
    "started": gettext_lazy("started"),
    "stopped": gettext_lazy("stopped"),
    "disconnected": gettext_lazy("disconnected, credentials removed"),
    "webhook-added": gettext_lazy("webhook added"),
    "webhook-changed": gettext_lazy("webhook changed"),
    "webhook-off": gettext_lazy("webhook switched off"),
    "webhook-on": gettext_lazy("webhook switched on"),
    "webhook-deleted": gettext_lazy("webhook deleted"),
    "webhook-rotated": gettext_lazy("new signing secret"),
    "webhook-secret-shown": gettext_lazy("signing secret shown"),
    "webhook-secret-ended": gettext_lazy("old signing secret ended"),
    "webhook-tested": gettext_lazy("test sent"),
}
"""By ``data["act"]``: what the app above us tells."""
SSO_FACTS = {"issuer": gettext_lazy("Issuer"), "client_id": gettext_lazy("Client ID")}


def sentences_of(event, say):
    """Sentences on *event*; none where its kind says it all."""
    tell = SENTENCES.get(event.kind)
    return tell(event, say) if tell and isinstance(event.data, dict) else []


def token_sentences(event, say):
    """The same about an event of an API token's life."""
    first = say(_("{token} {what}"), token=event.token_name, what=event.get_kind_display())
    return [first, *details_of(event, say)]


def from_to(before, after, say):
    return say("{before} → {after}", before=before, after=after)


def _number(singular, plural):
    def text(value):
        if not isinstance(value, int):
            return _("off")
        return ngettext(singular, plural, value) % {"n": value}

    def tell(event, say):
        return [from_to(text(event.data.get("before")), text(event.data.get("after")), say)]

    return tell


def _domains(event, say):
    before, after = event.data.get("before"), event.data.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        return [from_to(switched(before.get("on")), switched(after.get("on")), say)]
    return _listed(before, after, say, readable)


def _networks(event, say):
    return _listed(event.data.get("before"), event.data.get("after"), say, str)


def _listed(before, after, say, shown):
    before, after = before or [], after or []
    added = [say(_("{name} added"), name=shown(name)) for name in after if name not in before]
    return added + [
        say(_("{name} removed"), name=shown(name)) for name in before if name not in after
    ]


def switched(on):
    return _("on") if on else _("off")


def _login_methods(event, say):
    """Before and after are the methods that were off."""
    before, after = event.data.get("before") or [], event.data.get("after") or []
    return [
        say("{method}: {change}", method=method_name(method),
            change=f"{switched(method not in before)} → {switched(method not in after)}")
        for method in sorted({*before} ^ {*after})
    ]  # fmt: skip


def _second_factor(event, say):
    def text(days):
        if days is None:
            return _("off")
        return ngettext("needed after %(n)s day", "needed after %(n)s days", days) % {"n": days}

    return [from_to(text(event.data.get("before")), text(event.data.get("after")), say)]


def _sso(event, say):
    before, after = event.data.get("before") or {}, event.data.get("after") or {}
    if not after:
        return [_("Disconnected"), *_told(before, say)]
    if not before:
        return [_("Connected"), *_told(after, say)]
    changed = [
        say(f"{what}: {{before}} → {{after}}", before=before.get(name), after=after.get(name))
        for name, what in SSO_FACTS.items()
        if before.get(name) != after.get(name)
    ]
    return [*changed, _("New client secret")]


def _told(facts, say):
    return [say(f"{what}: {{fact}}", fact=facts.get(name, "")) for name, what in SSO_FACTS.items()]


def _signed_in(event, say):
    method, second = (event.data.get(step) for step in ("method", "second"))
    if not method:
        return []
    if second in SECOND_STEPS:
        return [say(_("By {method} and {second}"), method=method_name(method),
                    second=SECOND_STEPS[second])]  # fmt: skip
    return [say(_("By {method}"), method=method_name(method))]


def _person_and_reason(event, say):
    reason = REASONS.get(event.data.get("reason"), "")
    person = event.subject_label or _("Somebody unknown")
    return [say("{person}: {reason}", person=person, reason=reason)]


def _factor(event, say):
    factor = FACTORS.get(event.data.get("factor"), "")
    if name := event.data.get("name"):
        return [say("{person}: {factor} {name}", person=event.subject_label, factor=factor,
                    name=name)]  # fmt: skip
    return [say("{person}: {factor}", person=event.subject_label, factor=factor)]


def _duties(event, say):
    before, after = (event.data.get(when) or _("none") for when in ("before", "after"))
    return [*_about(event, say), from_to(before, after, say)]


def _integration(event, say):
    act = INTEGRATION_ACTS.get(event.data.get("act"), "")
    name, place = (event.data.get(fact) or "" for fact in ("name", "place"))
    told = say("{name}: {act}", name=name, act=act)
    return [told, say("{place}", place=place)] if place and place != name else [told]


def _email(event, say):
    return [from_to(event.data.get("before"), event.data.get("after"), say)]


def _password(event, say):
    return [say(_("{person} has a new one"), person=event.subject_label)]


def day_of(text):
    """A day that was written down as 2026-11-24, as people read it; anything else as it is."""
    try:
        return date_format(date.fromisoformat(str(text)), "j M Y")
    except ValueError:
        return text


def _exported(event, say):
    """How many, as what, and of which days; a Recruiter's have none."""
    number, file = event.data.get("cases"), str(event.data.get("file", "")).upper()
    number = number if isinstance(number, int) else 0
    said = ngettext("{number} case as {file}", "{number} cases as {file}", number)
    told = [say(said, number=number, file=file)]
    if days := [day_of(event.data[name]) for name in ("since", "until") if name in event.data]:
        told.append(say(_("Added from {since} to {until}"), since=days[0], until=days[-1]))
    return told


def _erased(event, say):
    """One by an Admin, or how many a run of the command erased."""
    if number := event.data.get("candidate"):
        return [say(_("Candidate {number}"), number=number)]
    count, days = event.data.get("count", 0), event.data.get("days", 0)
    people = ngettext("%(n)s candidate", "%(n)s candidates", count) % {"n": count}
    text = ngettext("%(n)s day after the end", "%(n)s days after the end", days) % {"n": days}
    return [say("{people}, {text}", people=people, text=text)]


def _about(event, say):
    return [say("{person}", person=event.subject_label)]


def _with_level(event, say):
    level = level_name(event.data.get("access_level"))
    return [say("{person}: {level}", person=event.subject_label, level=level)]


def _level_changed(event, say):
    change = [level_name(event.data.get(when)) for when in ("before", "after")]
    return [*_about(event, say), from_to(*change, say)]


def level_name(value):
    return dict(AccessLevel.choices).get(value, _("none"))


SENTENCES = {
    Kind.PASSWORD_EXPIRY: _number("%(n)s day", "%(n)s days"),
    Kind.AUTO_LOGOUT: _number("%(n)s min", "%(n)s min"),
    Kind.DOMAINS: _domains,
    Kind.NETWORKS: _networks,
    Kind.SSO: _sso,
    Kind.LOGIN_METHODS: _login_methods,
    Kind.SECOND_FACTOR: _second_factor,
    Kind.SIGNED_IN: _signed_in,
    Kind.REFUSED: _person_and_reason,
    Kind.ENDED: _person_and_reason,
    Kind.PASSWORD: _password,
    Kind.FACTOR_ADDED: _factor,
    Kind.FACTOR_REMOVED: _factor,
    Kind.NEW_CODES: _about,
    Kind.INVITED: _with_level,
    Kind.JOINED: _with_level,
    Kind.ACCESS_LEVEL: _level_changed,
    Kind.DUTIES: _duties,
    Kind.EMAIL: _email,
    Kind.WITHDRAWN: _about,
    Kind.DISABLED: _about,
    Kind.ENABLED: _about,
    Kind.CLOSED: _about,
    Kind.INTEGRATION: _integration,
    Kind.EXPORTED: _exported,
    Kind.RETENTION: _number("%(n)s day", "%(n)s days"),
    Kind.ERASED: _erased,
}
