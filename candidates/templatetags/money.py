"""Rupees as they are written in India."""

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def rupees(amount):
    """As ₹1,24,000 or ₹180.50: three digits, then pairs; paise only where there are any."""
    amount = Decimal(amount)
    sign, whole = ("−" if amount < 0 else ""), int(abs(amount))
    paise = int(abs(amount) % 1 * 100)
    return f"{sign}₹{in_groups(whole)}" + (f".{paise:02}" if paise else "")


@register.filter
def rupees_change(amount):
    """The same with its sign."""
    return ("+" if amount > 0 else "") + rupees(amount)


@register.filter
def credits(amount):
    """Credits are whole, though the ledger's column holds rupees too."""
    return in_groups(int(amount))


@register.filter
def credits_change(amount):
    return ("+" if amount > 0 else "−") + in_groups(abs(int(amount)))


@register.filter
def unlocalised(amount):
    """As a program reads it."""
    return format(amount, "f")


def in_groups(number):
    """1,24,000 of 124000."""
    digits = str(number)
    head, last = digits[:-3], digits[-3:]
    pairs = []
    while head:
        head, pair = head[:-2], head[-2:]
        pairs.insert(0, pair)
    return ",".join([*pairs, last])
