"""A browser's name for itself, in two words. For people to recognise; nothing rests on it."""

import re

from django.utils.translation import gettext as _

BROWSERS = [
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:HeadlessChrome|Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+)[\d.]* (?:Mobile/\w+ )?Safari/"),
]
SYSTEMS = [
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("ChromeOS", "CrOS"),
    ("Windows", "Windows NT"), ("macOS", "Mac OS X|Macintosh"), ("Linux", "Linux"),
]  # fmt: skip
MOBILE = {"iPhone", "Android"}


def browser_of(user_agent):
    """(browser with version, system, whether it is a phone); "Unknown browser" if none fits."""
    system = next((name for name, sign in SYSTEMS if re.search(sign, user_agent)), "")
    for name, sign in BROWSERS:
        if found := re.search(sign, user_agent):
            return f"{name} {found[1]}", system, system in MOBILE
    return _("Unknown browser"), system, system in MOBILE
