"""What the external API gives out (product.md §5)."""

from django.db.models import Sum
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apitokens.api.serializers import TokenSerializer
from apitokens.attribution import AddedByField
from candidates.models import Category, Package, Subtype, Tag
from candidates.reports.content import has_report


class CategoryShape(serializers.Serializer):
    id = serializers.IntegerField()
    category_name = serializers.CharField(source="name")


class TagShape(serializers.Serializer):
    id = serializers.IntegerField()
    category = serializers.CharField(source="name", help_text="The tag's name.")


class SubtypeShape(serializers.Serializer):
    package_id = serializers.IntegerField()
    package_name = serializers.CharField(source="package.name")
    subtype_id = serializers.IntegerField(source="id")
    subtype_name = serializers.CharField(source="name")
    subtype_friendly_name = serializers.CharField(source="friendly_name")


class CatalogueShape(serializers.Serializer):
    categories = CategoryShape(many=True)
    tags = TagShape(many=True)
    credit_balance = serializers.IntegerField()
    is_email_optional = serializers.IntegerField(min_value=0, max_value=1)
    is_resume_optional = serializers.IntegerField(min_value=0, max_value=1)
    packages = SubtypeShape(many=True)


def catalogue_of(company):
    """What CatalogueShape shows of *company*, in four queries."""
    packages = Package.objects.filter(company=company, is_active=True)
    subtypes = Subtype.objects.filter(package__company=company, package__is_active=True)
    return {
        "categories": Category.objects.filter(company=company),
        "tags": Tag.objects.filter(company=company),
        "credit_balance": packages.aggregate(sum=Sum("credits"))["sum"] or 0,
        "is_email_optional": int(not company.email_required),
        "is_resume_optional": int(not company.resume_required),
        "packages": subtypes.select_related("package").order_by("package__name", "name", "pk"),
    }


class CandidateShape(serializers.Serializer):
    """A candidate, and how the case stands."""

    # Of one that was loaded with for_list(). The docstring is the schema's description.

    candidate_id = serializers.IntegerField(source="pk")
    candidate_uuid = serializers.UUIDField(source="uuid")
    name = serializers.CharField()
    email = serializers.CharField()
    phone_number = serializers.CharField(source="phone")
    overall_status = serializers.CharField(source="case.get_status_display")
    overall_status_code = serializers.IntegerField(source="case.status")
    initiation_date = serializers.DateTimeField(source="case.initiated_at")
    completion_date = serializers.DateTimeField(source="case.completed_at", allow_null=True)
    report_url = serializers.SerializerMethodField(
        help_text="The report's page, for people who sign in; null until the case is finished."
    )
    erased_at = serializers.DateTimeField(
        allow_null=True,
        help_text="Since when the personal data is gone; null: it is there.",
    )
    added_by = AddedByField(help_text="A person's name, or API(Token Name).")

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_report_url(self, candidate):
        if not has_report(candidate):
            return None
        page = reverse("candidates:report", args=[candidate.pk])
        return self.context["request"].build_absolute_uri(page)


class CompanyShape(serializers.Serializer):
    name = serializers.CharField()
    slug = serializers.CharField()


class MeShape(TokenSerializer):
    company = CompanyShape(source="owner")


class AddedShape(serializers.Serializer):
    candidate_id = serializers.IntegerField()
    bgv_url = serializers.URLField(help_text="The form that the candidate fills.")
    meta_data = serializers.DictField(help_text="As you sent it.")
