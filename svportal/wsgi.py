import os

import django

from svportal.handlers import PortalWSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "svportal.settings")
django.setup(set_prefix=False)
application = PortalWSGIHandler()
