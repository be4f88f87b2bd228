"""What the portal needs to work, asked one by one: for /readyz and the operators' page alike."""

import datetime as dt
import shutil
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from certifications.attestations.render import renderer_ready
from certifications.ledger.listed import listed
from certifications.mail.models import Mail
from certifications.people.permissions import public
from certifications.screening.queries import lists_in_force
from certifications.work.queries import last_beat, overdue, stuck
from portal.roles import too_strong

BEAT_LIMIT = dt.timedelta(seconds=120)
DISK_SHARE = 0.10
TSA_SECONDS = 2
# /readyz is open to everybody and asks ten things: one answer serves whoever asks within a second, per process.
KEPT_SECONDS = 1.0
_asking = threading.Lock()
_kept: "list[tuple[float, list[Check]]]" = []


@dataclass(frozen=True)
class Check:
    """One question: `code` ok, waiting or failed; `detail` says what is so, `mend` what to do about it."""

    name: str
    label: str
    code: str
    detail: str = ""
    mend: str = ""
    # A check that is not vital shows on the operators' page and does not turn /readyz red.
    is_vital: bool = True


_TOO_STRONG = {
    "superuser": _lazy("The application is connected as a superuser."),
    "bypassrls": _lazy("The application's login goes past row policies."),
    "owner": _lazy("The application's login owns the tables, so it could switch off what makes records immutable."),
}


def _database() -> Check:
    found = too_strong()
    if found:
        # A demonstration on a database of one's own says so and goes on; a production installation did not start.
        code = "waiting" if settings.PORTAL_DEMO else "failed"
        return Check("database", _("Database"), code, str(_TOO_STRONG[found]), _("Use the role portal_app."))
    return Check("database", _("Database"), "ok")


def _migrations() -> Check:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return Check(
            "migrations", _("Migrations"), "failed", _("The database is older than the program."), _("Run manage.py migrate as the owner.")
        )
    return Check("migrations", _("Migrations"), "ok")


def _broker() -> Check:
    cache.set("readyz", "1", 5)
    if cache.get("readyz") != "1":
        return Check("broker", _("Broker"), "failed", _("It does not keep what it is told."), _("Look at its memory limit."))
    return Check("broker", _("Broker"), "ok")


def _beat(name: str, label: str) -> Check:
    seen = last_beat(name)
    if seen is None:
        return Check(name, label, "failed", _("No sign of life yet."), _("Start the process, or wait a few seconds after a start."))
    age = timezone.now() - seen
    if age > BEAT_LIMIT:
        return Check(
            name, label, "failed", _("Last sign of life %(n)d seconds ago.") % {"n": age.total_seconds()}, _("Restart the process.")
        )
    return Check(name, label, "ok", _("Seen %(n)d seconds ago.") % {"n": age.total_seconds()})


def _timestamps() -> Check:
    """Any answer by HTTP will do: what it is worth is seen at sealing, which waits and tries again."""
    label = _("Timestamp server")
    if not settings.TSA_URL:
        mend = _("Set PORTAL_TSA_URL; nothing is sealed without a timestamp.")
        return Check("timestamps", label, "waiting", _("No timestamp server is set."), mend, is_vital=False)
    try:
        with urllib.request.urlopen(settings.TSA_URL, timeout=TSA_SECONDS):  # noqa: S310 - configured, not given by anybody
            pass
    except urllib.error.HTTPError:
        pass  # it answers; a plain GET is not its business
    except (OSError, ValueError) as error:
        mend = _("Sealing waits and tries again; look at the server or the way there.")
        return Check("timestamps", label, "waiting", _("It does not answer (%(e)s).") % {"e": type(error).__name__}, mend, is_vital=False)
    return Check("timestamps", label, "ok", is_vital=False)


def _documents() -> Check:
    problem = renderer_ready()
    label = _("Fonts and Pango")
    return (
        Check("documents", label, "failed", problem, _("Install the packages and restart.")) if problem else Check("documents", label, "ok")
    )


def _lists() -> Check:
    lists = lists_in_force()
    old = [entry.source.title for entry in lists if not entry.is_fresh]
    if not lists or old:
        return Check(
            "lists",
            _("Lists"),
            "waiting",
            _("Missing or too old: %(l)s.") % {"l": listed(old) or "-"},
            _("Import the list; until then nothing is screened as clear."),
            is_vital=False,
        )
    return Check("lists", _("Lists"), "ok", _("%(n)d in force.") % {"n": len(lists)}, is_vital=False)


def _mail() -> Check:
    late = Mail.objects.filter(state=Mail.State.WAITING, created_at__lt=timezone.now() - dt.timedelta(minutes=10)).count()
    failed = Mail.objects.filter(state=Mail.State.FAILED).count()
    if late or failed:
        return Check(
            "mail",
            _("Mail"),
            "waiting",
            _("%(l)d late, %(f)d given up.") % {"l": late, "f": failed},
            _("Look at the mail server."),
            is_vital=False,
        )
    return Check("mail", _("Mail"), "ok", is_vital=False)


def _work() -> Check:
    given_up, late = stuck().count(), overdue(dt.timedelta(minutes=5)).count()
    if given_up or late:
        return Check(
            "work",
            _("Work"),
            "waiting",
            _("%(s)d need a person, %(l)d late.") % {"s": given_up, "l": late},
            _("See the list of jobs below."),
            is_vital=False,
        )
    return Check("work", _("Work"), "ok", is_vital=False)


def _disk() -> Check:
    folder = Path(settings.FILES_DIR)
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    share = usage.free / usage.total
    code = "ok" if share >= DISK_SHARE else "waiting"
    return Check(
        "disk", _("Disk"), code, _("%(p)d %% free.") % {"p": share * 100}, "" if code == "ok" else _("Make room for files."), is_vital=False
    )


CHECKS: tuple[Callable[[], Check], ...] = (
    _database,
    _migrations,
    _broker,
    lambda: _beat("worker", _("Worker")),
    lambda: _beat("signer", _("Signer")),
    lambda: _beat("beat", _("Beat")),
    _timestamps,
    _documents,
    _lists,
    _mail,
    _work,
    _disk,
)


def checks() -> list[Check]:
    """Every check's answer; one that raises has failed."""
    found = []
    for ask in CHECKS:
        try:
            found.append(ask())
        except Exception as error:  # noqa: BLE001 - an answer that cannot be had is a red one
            name = getattr(ask, "__name__", "check").lstrip("_")
            found.append(Check(name, name, "failed", type(error).__name__))
    return found


def forget() -> None:
    """The next question is asked anew."""
    _kept.clear()


def _recent_checks() -> list[Check]:
    with _asking:
        if not _kept or time.monotonic() - _kept[0][0] > KEPT_SECONDS:
            _kept[:] = [(time.monotonic(), checks())]
        return _kept[0][1]


@public
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The process answers; touches nothing."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """200 when everything vital is there, else 503 with the names of what is not."""
    found = _recent_checks()
    red = [check.name for check in found if check.code == "failed" and check.is_vital]
    return JsonResponse(
        {"ready": not red, "failed": red, "waiting": [c.name for c in found if c.code == "waiting"]}, status=503 if red else 200
    )
