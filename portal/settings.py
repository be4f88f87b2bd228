"""Settings for every process. Values come from the environment (portal/env.py); nothing secret has a default
outside demonstration mode. Processes differ by PORTAL_AS: app (web, worker, beat), signer, owner (migrations).
"""

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from portal import env, logs

BASE_DIR = Path(__file__).resolve().parent.parent
PORTAL_DEMO = env.flag("PORTAL_DEMO")
DEBUG = env.flag("PORTAL_DEBUG")
PORTAL_AS = os.environ.get("PORTAL_AS", "app")
PORTAL_HTTPS = env.flag("PORTAL_HTTPS", default=not PORTAL_DEMO)
SECRET_KEY = env.text("PORTAL_SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("PORTAL_SECRET_KEY_FALLBACKS")
PORTAL_BASE_URL = os.environ.get("PORTAL_BASE_URL", f"http://localhost:{os.environ.get('PORTAL_PORT', '8000')}")
STATE_DIR = Path(os.environ.get("PORTAL_STATE", BASE_DIR / ".state"))
FILES_DIR = Path(os.environ.get("PORTAL_FILES", STATE_DIR / "files"))
# Indexes over lists and parties, built from the database; may be emptied at any time. On each machine a folder of its own.
INDEX_DIR = Path(os.environ.get("PORTAL_INDEXES", STATE_DIR / "indexes"))
# Public certificates of the sealing and timestamp authorities. Private keys lie in PORTAL_KEYS, which only the
# signer process is given.
TRUST_DIR = Path(os.environ.get("PORTAL_TRUST", STATE_DIR / "trust"))
KEYS_DIR = os.environ.get("PORTAL_KEYS", "")
TSA_URL = os.environ.get("PORTAL_TSA_URL", "")
# Only the fault tests set it (certifications/flow/faults.py).
PORTAL_FAULTS = os.environ.get("PORTAL_FAULTS", "")
# A lease is longer than the longest task (CELERY_TASK_TIME_LIMIT) and shorter than the broker's visibility timeout.
WORK_LEASE_SECONDS = int(os.environ.get("PORTAL_LEASE_SECONDS", "330"))
WORK_RESEND_SECONDS = int(os.environ.get("PORTAL_RESEND_SECONDS", "30"))
# Days of validity are counted at the exporter's seat (docs/adr/0010).
CIVIL_ZONE = os.environ.get("PORTAL_CIVIL_ZONE", "Europe/Zurich")
# From this hour (UTC) on everybody is screened again, once a day.
RESCREEN_HOUR = int(os.environ.get("PORTAL_RESCREEN_HOUR", "1"))
# How long people's clearance of a screening finding is good.
CLEARANCE_DAYS = int(os.environ.get("PORTAL_CLEARANCE_DAYS", "365"))
# How many days after it was closed a tip is erased, with its files and messages.
TIP_DAYS = int(os.environ.get("PORTAL_TIP_DAYS", "180"))
# Within how many days compliance has promised to look at an order that it holds.
ORDER_ANSWER_DAYS = int(os.environ.get("PORTAL_ORDER_ANSWER_DAYS", "5"))
# Requests a minute that one program may make.
API_PER_MINUTE = int(os.environ.get("PORTAL_API_PER_MINUTE", "600"))
# Hosts of the manufacturer's own network that its webhooks may reach, and no distributor's; every other private address is refused.
WEBHOOK_PRIVATE_HOSTS = env.words("PORTAL_WEBHOOK_PRIVATE_HOSTS")
# A folder that is looked at for documents to be captured as evidence (docs/evidence.md); empty for none. A file is taken when nobody
# has written to it for so many seconds.
EVIDENCE_FOLDER = os.environ.get("PORTAL_EVIDENCE_FOLDER", "")
EVIDENCE_STEADY_SECONDS = float(os.environ.get("PORTAL_EVIDENCE_STEADY_SECONDS", "10"))
# How the ids of contracting processes begin in the OCDS packages that we write: "ocds-" and six characters that the Open Contracting
# Partnership registers for a publisher.
OCID_PREFIX = os.environ.get("PORTAL_OCID_PREFIX", "ocds-000000")
# A yente server that answers for the public lists instead of our own index; lists of our own stay with us.
YENTE_URL = os.environ.get("PORTAL_YENTE_URL", "")
YENTE_DATASET = os.environ.get("PORTAL_YENTE_DATASET", "sanctions")
YENTE_TIMEOUT = float(os.environ.get("PORTAL_YENTE_TIMEOUT", "20"))
EXPORTER_COUNTRY = os.environ.get("PORTAL_EXPORTER_COUNTRY", "CH")
ISSUER_NAME = os.environ.get("PORTAL_ISSUER_NAME", "Corvane Instruments AG")

ALLOWED_HOSTS = env.words("PORTAL_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("PORTAL_ORIGINS")
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
AUTH_USER_MODEL = "certifications.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "template_partials",
    "portal",
    "certifications",
]

# What writes headers stands outside of whatever may fail, so that an error page has them too.
MIDDLEWARE = [
    "portal.requests.Requests",
    "portal.programs.Programs",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.middleware.Headers",
    "django.middleware.locale.LocaleMiddleware",
    "portal.bodies.Bodies",
    "portal.unwatched.Unwatched",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.Sessions",
    "portal.middleware.Outages",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.navigation.context",
            ],
        },
    }
]

_DATABASE_VARIABLE = {"app": "DATABASE_URL", "signer": "DATABASE_SIGNER_URL", "owner": "DATABASE_OWNER_URL"}[PORTAL_AS]
DATABASES = {
    "default": {
        **env.database(env.text(_DATABASE_VARIABLE)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}

REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}

CELERY_BROKER_URL = env.celery_broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
# What needs a key goes to the signer, everything else to the workers; rounds over all parties and messages to other people's
# machines have a queue of their own, so that a declaration never waits behind thousands of them (a worker takes from its queues in
# turn); so have files of rows, for which a person waits.
CELERY_TASK_ROUTES = {
    "seal": {"queue": "sign"},
    "receipt": {"queue": "sign"},
    "seal_letter": {"queue": "sign"},
    "rescreen_chunk": {"queue": "bulk"},
    "webhook": {"queue": "bulk"},
    "upload": {"queue": "uploads"},
}
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# For everybody but workers: without it a publish to a frozen broker never returns.
BROKER_PATIENCE = {"socket_timeout": 2, "socket_connect_timeout": 1}
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600, "unacked_restore_throttle": 1}
# A worker waits for its broker as long as it takes: with a time-out, each acknowledgement that runs into it leaks a
# prefetch slot, and the worker goes deaf. The beat must not, nor whoever sends (portal/sending.py).
if os.environ.get("PORTAL_BEAT"):
    CELERY_BROKER_TRANSPORT_OPTIONS |= BROKER_PATIENCE
CELERY_TIMEZONE = "UTC"
# What a clock asks for is worth nothing once the clock has asked again: without `expires` it piles up before busy workers.
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "tick", "schedule": 5.0, "options": {"expires": 5}},
    "mail": {"task": "mail", "schedule": 5.0, "options": {"expires": 5}},
    "worker-heartbeat": {"task": "heartbeat", "schedule": 15.0, "args": ["worker"], "options": {"expires": 15}},
    "signer-heartbeat": {"task": "heartbeat", "schedule": 15.0, "args": ["signer"], "options": {"queue": "sign", "expires": 15}},
    "intake": {"task": "intake", "schedule": 60.0, "options": {"expires": 60}},
    "daily": {"task": "daily", "schedule": 3600.0, "options": {"expires": 3600}},
}
if EVIDENCE_FOLDER:
    CELERY_BEAT_SCHEDULE["evidence-folder"] = {"task": "evidence_folder", "schedule": 15.0, "options": {"queue": "bulk", "expires": 15}}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["portal.formats"]
FORM_RENDERER = "portal.forms.KitRenderer"
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("PORTAL_STATIC_ROOT", STATE_DIR / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # A demonstration serves the machine it runs on: compressing takes two seconds of its first start and saves nothing.
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if PORTAL_DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# portal/bodies.py holds each view to its own size; this is the most that any of them takes as text.
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# The most that any of them takes; the same module holds each view to its own number.
DATA_UPLOAD_MAX_NUMBER_FILES = 60
FILE_UPLOAD_HANDLERS = ["portal.bodies.Capped"]
FILE_UPLOAD_PERMISSIONS = 0o600

# Configured here and not by Django, so that the beat and gunicorn's first process, which load no apps, log the same way.
LOGGING_CONFIG = None
logs.configure()

# Account, session, password, header and policy settings.
from portal.settings_accounts import *  # noqa: E402, F403
