"""The WSGI entry point that gunicorn loads."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402 - the settings come first

from portal.roles import check_at_start  # noqa: E402

check_at_start()
# Every page's code before gunicorn forks: loaded once and shared, where each process would load it with its first request.
get_resolver().url_patterns  # noqa: B018 - asking is what loads it
gc.freeze()
