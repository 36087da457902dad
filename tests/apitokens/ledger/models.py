"""Invoices were there before; contracts and receipts share an abstract model, and another act."""

from django.db import models

from apitokens.attribution import AttributedQuerySet, attribution_fields


class Invoice(models.Model):
    number = models.CharField(max_length=20)
    added_by, added_through = attribution_fields()

    objects = AttributedQuerySet.as_manager()

    def __str__(self):
        return self.number


class Line(models.Model):
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    text = models.CharField(max_length=100)
    added_by, added_through = attribution_fields()

    def __str__(self):
        return self.text


class Signed(models.Model):
    signed_by, signed_through = attribution_fields("signed by", "signed through")

    objects = AttributedQuerySet.as_manager()

    class Meta:
        abstract = True


class Contract(Signed):
    title = models.CharField(max_length=20)
    added_by, added_through = attribution_fields()

    def __str__(self):
        return self.title


class Receipt(Signed):
    number = models.CharField(max_length=20)

    def __str__(self):
        return self.number
