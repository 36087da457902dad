from django.db import models

from apitokens.attribution import (
    Actor,
    Attributed,
    AttributedQuerySet,
    adder_of,
    attributed_to,
    attribution_fields,
)


class Order(Attributed):
    title = models.CharField(max_length=100)

    objects = AttributedQuerySet.as_manager()


def titles_of(order: Order) -> tuple[str, str]:
    return order.title, order.added_by_label


class Line(models.Model):
    order = models.ForeignKey(Order, models.CASCADE)
    approved_by, approved_through = attribution_fields("approved by", "approved through")

    def __str__(self) -> str:
        return f"{self.order_id}/{self.pk}"


def approve(line: Line, actor: Actor) -> str:
    for name, value in attributed_to(actor, "approved").items():
        setattr(line, name, value)
    line.save()
    return adder_of(line, "approved").label


def later(actor: Actor) -> Actor:
    """In a task that runs when the request is over."""
    return Actor.load(actor.dump())


def through_tokens() -> int:
    return Order.objects.added_by_tokens().count() + Order.objects.added_by_people().count()
