"""What ``candidate/add`` takes in. Rows named by id are of the caller's company or unknown."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from candidates.external.fields import (
    Email,
    Flag,
    Id,
    Link,
    Mobile,
    ShortList,
    SmallObject,
    Text,
    TrimmedText,
    length_of,
)
from candidates.models import Category, Package, Subtype, Tag
from candidates.validators import validate_person_name, validate_uan

MAXIMUM_TAGS = 50
OPTIONAL = {"required": False, "allow_blank": True}


def unknown(serializer, name):
    serializer.fields[name].fail("unknown")


class TagReference(serializers.Serializer):
    id = Id()


class CandidateInput(serializers.Serializer):
    name = TrimmedText(max_length=length_of("name"), validators=[validate_person_name])
    email = Email(**OPTIONAL)
    alternate_email = Email(**OPTIONAL)
    phone = Mobile()
    alternate_phone = Mobile(**OPTIONAL)
    employee_id = TrimmedText(max_length=length_of("employee_id"), **OPTIONAL)
    uan_number = Text(max_length=length_of("uan_number"), validators=[validate_uan], **OPTIONAL)
    tags = ShortList(child=TagReference(), most=MAXIMUM_TAGS, required=False)
    category_id = Id(source="category", required=False)
    resume = Link(source="resume_url", **OPTIONAL)
    invite = Flag(required=False)
    is_consent_undertaking_letter = Flag(required=False)
    consent = Link(source="consent_url", **OPTIONAL)
    meta_data = SmallObject(required=False)

    def to_internal_value(self, data):
        """First settle what is required: that depends on the company, and for e-mail on invite."""
        company = self.context["company"]
        invited = isinstance(data, dict) and data.get("invite") is True
        self._demand("email", company.email_required or invited)
        self._demand("resume", company.resume_required)
        return super().to_internal_value(data)

    def _demand(self, name, wanted):
        self.fields[name].required = wanted
        self.fields[name].allow_blank = not wanted

    def validate_category_id(self, pk):
        category = Category.objects.filter(company=self.context["company"], pk=pk).first()
        return category or unknown(self, "category_id")

    def validate_tags(self, references):
        """One query for all of them, one error for each that is unknown."""
        wanted = [reference["id"] for reference in references]
        tags = Tag.objects.filter(company=self.context["company"]).in_bulk(wanted)
        message = Id.default_error_messages["unknown"]
        faults = {i: {"id": [message]} for i, pk in enumerate(wanted) if pk not in tags}
        if faults:
            raise serializers.ValidationError(faults)
        return list(tags.values())


class PackageInput(serializers.Serializer):
    package_id = Id(required=False)
    subtype_id = Id(
        source="subtype", error_messages={"inactive": _("Its package is not offered any more.")}
    )
    config = SmallObject(required=False)

    def validate_package_id(self, pk):
        known = Package.objects.filter(company=self.context["company"], pk=pk).exists()
        return pk if known else unknown(self, "package_id")

    def validate_subtype_id(self, pk):
        company = self.context["company"]
        subtypes = Subtype.objects.select_related("package").filter(package__company=company)
        subtype = subtypes.filter(pk=pk).first() or unknown(self, "subtype_id")
        if not subtype.package.is_active:
            self.fields["subtype_id"].fail("inactive")
        return subtype

    def validate(self, attrs):
        if attrs.pop("package_id", attrs["subtype"].package_id) != attrs["subtype"].package_id:
            message = _("The package does not have this subtype.")
            raise serializers.ValidationError({"package_id": [message]})
        return attrs


class AddInput(serializers.Serializer):
    """The body of ``candidate/add``."""

    # Needs context={"company": …}. The docstring is the schema's description.

    candidate = CandidateInput()
    package = PackageInput()
    send_invite_email = Flag(required=False)

    def arguments(self):
        """Keyword arguments of ``add_candidate``."""
        return {**self.validated_data["candidate"], **self.validated_data["package"]}

    @property
    def wants_mail(self):
        """Whether the candidate gets the link by e-mail; without an address nobody can."""
        candidate = self.validated_data["candidate"]
        asked = self.validated_data.get("send_invite_email") or candidate.get("invite")
        return bool(asked and candidate.get("email"))
