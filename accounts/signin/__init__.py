"""How people sign in: django-allauth, told by this package what the portal wants.

``gate`` says who may; ``adapter``, ``social`` and ``second_factor`` are allauth's hooks; ``urls``
mounts those of its pages that the portal has.
"""
