"""Categories, given to HR people on the team's pages: they see the candidates of theirs."""

from django.utils.translation import gettext_lazy as _

from candidates.models import Category


class Categories:
    """Duties (accounts/team/duties.py) of this app."""

    label = _("Categories")
    help_text = _("HR people see the candidates of these too")

    def choices(self, company):
        return [(str(row.pk), row.name) for row in Category.objects.filter(company=company)]

    def of(self, people):
        rows = Category.people.through.objects.filter(user__in=people).order_by("category__name")
        found = {}
        for user, category in rows.values_list("user", "category"):
            found.setdefault(user, []).append(str(category))
        return found

    def assign(self, person, values):
        person.categories.set(Category.objects.filter(company=person.company, pk__in=values))
