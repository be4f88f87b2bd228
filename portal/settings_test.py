"""Settings for the test suite: one database and one broker number per xdist worker.

pytest-django reads settings before any conftest, so the worker's own names are set here.
"""

import os

_worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
_number = int(_worker.removeprefix("gw")) + 1
# Playwright keeps an event loop in the test's thread; Django would then refuse every query of the tests that follow.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
os.environ.setdefault("PORTAL_SECRET_KEY", "only-for-the-test-suite-" + "x" * 40)
os.environ.setdefault("PORTAL_DEMO", "1")
# The exporter's day and the database's are one, so that the hour at which the suite runs decides nothing.
os.environ.setdefault("PORTAL_CIVIL_ZONE", "UTC")
_base = os.environ.get("REDIS_URL", "")
if _base.startswith("unix://"):
    os.environ["REDIS_URL"] = f"{_base.split('?', maxsplit=1)[0]}?db={_number}"

from portal.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# The running processes of the browser tests serve static files as they lie.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
