"""Domains of e-mail addresses, in the one spelling in which they are compared."""

import idna

LONGEST = 253


class DomainInvalid(ValueError):
    """No domain that mail could go to."""


def canonical_domain(text):
    """*text* as DNS knows it: ``Bücher.example.`` → ``xn--bcher-kva.example`` (UTS 46, IDNA 2008).

    Raises DomainInvalid, for a name without a dot and for an address too.
    """
    text = text.strip().removesuffix(".")
    if len(text) > LONGEST or not text:
        raise DomainInvalid(text)
    try:
        name = idna.encode(text, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError, IndexError) as error:
        raise DomainInvalid(text) from error
    if "." not in name or len(name) > LONGEST or name.rpartition(".")[2].isdigit():
        raise DomainInvalid(text)
    return name


def domain_of(email):
    """The canonical domain of an e-mail address, or None where it has none."""
    _local, at, domain = email.rpartition("@")
    if not at:
        return None
    try:
        return canonical_domain(domain)
    except DomainInvalid:
        return None


def readable(name):
    """A canonical domain as people write it."""
    try:
        return idna.decode(name)
    except (idna.IDNAError, UnicodeError):
        return name
