"""Credits and wallets: staff book what a company paid; the ledger shows every movement."""

from django import forms
from django.contrib import admin, messages
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from apitokens.admin import AddedByFilter, AttributedAdmin
from apitokens.attribution import actor_of
from candidates.admin.readonly import GoesWithItsCandidate
from candidates.exceptions import NoCredits, NoFunds
from candidates.models import CreditEntry
from candidates.services.credits import change_credits, change_rupees

BOOKED = [CreditEntry.Reason.BOUGHT, CreditEntry.Reason.RETURNED, CreditEntry.Reason.CORRECTED]


class EntryForm(forms.ModelForm):
    """One movement: credits of a package or, without one, rupees of the company's wallet."""

    reason = forms.ChoiceField(label=_("Reason"), choices=[(r.value, r.label) for r in BOOKED])

    class Meta:
        model = CreditEntry
        fields = ("company", "package", "change", "reason", "note")

    def clean(self):
        cleaned = super().clean()
        package, change = cleaned.get("package"), cleaned.get("change")
        if package and cleaned.get("company") != package.company:
            self.add_error("package", _("This package is another company's"))
        if change == 0:
            self.add_error("change", _("Enter how many are added, or with a minus taken"))
        if package and change is not None and change != change.to_integral_value():
            self.add_error("change", _("Credits are whole numbers"))
        return cleaned


@admin.register(CreditEntry)
class CreditEntryAdmin(AttributedAdmin, GoesWithItsCandidate):
    form = EntryForm
    list_display = ["at", "company", "package", "change", "balance", "reason", "adder", "candidate"]
    list_select_related = ["company", "package", "candidate"]
    list_filter = ["reason", AddedByFilter, "company"]
    autocomplete_fields = ["company", "package"]
    ordering = ["-pk"]
    show_full_result_count = False

    def has_change_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        data, actor = form.cleaned_data, actor_of(request)
        more = {"reason": data["reason"], "note": data["note"], "actor": actor}
        if data["package"]:
            entry = change_credits(data["package"], int(data["change"]), **more)
        else:
            entry = change_rupees(data["company"], data["change"], **more)
        obj.pk = entry.pk

    def changeform_view(self, request, *args, **kwargs):
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (NoCredits, NoFunds):
            self.message_user(request, _("There is less than that to take"), messages.ERROR)
            return redirect(request.get_full_path())
