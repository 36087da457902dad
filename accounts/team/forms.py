"""Forms of the team: is what was typed valid? What it does is the services' business."""

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessLevel, User
from accounts.team.duties import registered

plain_text = RegexValidator(
    r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]",
    _("Leave out control characters"),
    inverse_match=True,
)


def name_field(**attributes):
    return forms.CharField(
        label=_("Name"),
        max_length=120,
        validators=[plain_text],
        widget=forms.TextInput(attrs={"autocomplete": "off", **attributes}),
    )


def phone_field():
    return forms.CharField(
        label=_("Phone"),
        max_length=20,
        required=False,
        validators=[RegexValidator(r"^\+?[0-9 ()-]+\Z", _("Enter a phone number"))],
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        help_text=_("Optional"),
    )


def level_field():
    return forms.ChoiceField(
        label=_("Access level"),
        choices=AccessLevel,
        widget=forms.RadioSelect,
        initial=AccessLevel.HR,
        help_text=_(
            "Admins see everything and change settings. HR people see their own candidates and "
            "those of their categories. Recruiters add candidates and see their own"
        ),
    )


class InviteForm(forms.Form):
    name = name_field(autofocus=True)
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("The invitation goes there, and works for 7 days"),
    )
    phone = phone_field()
    access_level = level_field()


class PersonForm(forms.Form):
    """One person: and, of HR people, what they are responsible for."""

    name = name_field()
    phone = phone_field()
    access_level = level_field()

    def __init__(self, *args, person, is_self, **kwargs):
        super().__init__(*args, **kwargs)
        if is_self:
            del self.fields["access_level"]
        self.duties = [] if is_self else list(enumerate(registered()))
        for number, duties in self.duties:
            self.fields[f"duties-{number}"] = forms.MultipleChoiceField(
                label=duties.label,
                help_text=duties.help_text,
                choices=duties.choices(person.company),
                initial=duties.of([person]).get(person.pk, []),
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    @property
    def chosen_level(self):
        """None where one's own is not for choosing."""
        return self.cleaned_data.get("access_level")

    def assign_duties(self, person):
        """Give what was ticked. Only HR people have any."""
        for number, duties in self.duties:
            chosen = self.cleaned_data[f"duties-{number}"]
            duties.assign(person, chosen if person.access_level == AccessLevel.HR else [])


class JoinForm(SetPasswordForm):
    """Whoever was invited says their name and chooses a password."""

    name = name_field(autofocus=True)
    field_order = ["name", "new_password1", "new_password2"]

    def __init__(self, *args, invitation, **kwargs):
        person = User(email=invitation.email, name=invitation.name, company=invitation.company)
        super().__init__(person, *args, initial={"name": invitation.name}, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
