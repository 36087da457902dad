from django.db import models

from apitokens.attribution import Attributed, AttributedQuerySet


class Order(Attributed):
    title = models.CharField(max_length=100)

    objects = AttributedQuerySet.as_manager()


def titles_of(order: Order) -> tuple[str, str]:
    return order.title, order.added_by_label
