"""The benchmark's application: no middleware, which would weigh on each view alike.

It is taken out once Django is set up: allauth's app insists on its own until then.
"""

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

django.setup(set_prefix=False)
settings.MIDDLEWARE = []
application = WSGIHandler()
