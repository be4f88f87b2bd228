"""Settings for the commands that work on files only: no database, no broker, no secret, no variable to set.

manage.py chooses them for the commands of `portal.env.FILE_COMMANDS`. Whatever such a command may try on a database
ends in Django's own "settings.DATABASES is improperly configured".
"""

import os
import secrets

for _name, _value in {
    "PORTAL_AS": "app",
    "PORTAL_SECRET_KEY": secrets.token_urlsafe(50),  # nothing is signed with it; it dies with the process
    "DATABASE_URL": "postgresql://none@/none",
    "REDIS_URL": "redis://none",
}.items():
    os.environ[_name] = _value
    os.environ.pop(f"{_name}_FILE", None)

from portal.settings import *  # noqa: E402, F403

DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
