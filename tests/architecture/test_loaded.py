"""What each process loads by being started: a start is as fast as the least of what it needs, and so much smaller is what holds the key."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TASKS = "import portal.celery; portal.celery.app.loader.import_default_modules()"
# Half a second each, for work that a process may never be given.
HEAVY = ("weasyprint", "pyhanko", "fontTools.ttLib", "verifier")
READERS = ("certifications.evidence.readers.reader", "certifications.screening.importers", "certifications.matching", "lxml", "numpy")
PAGES = ("portal.urls", "certifications.pages")


@pytest.mark.parametrize(
    ("code", "variables", "never", "always"),
    [
        ("import portal.wsgi", {}, HEAVY, (*PAGES, "certifications.flow.advance")),
        (TASKS, {}, (*HEAVY, *PAGES, "fido2"), ("certifications.tasks", "certifications.flow.advance")),
        (TASKS, {"PORTAL_AS": "signer"}, (*HEAVY, *PAGES, *READERS, "fido2", "certifications.tasks"), ("certifications.tasks_signer",)),
        (TASKS, {"PORTAL_BEAT": "1"}, (*HEAVY, *PAGES, *READERS, "django.db.models", "certifications.tasks"), ("portal.settings_test",)),
        ("import certifications.attestations.tsa", {}, ("django", "pyhanko", "celery"), ("cryptography",)),
        ("import django; django.setup()", {}, (*HEAVY, *PAGES, *READERS, "fido2"), ("certifications.models",)),
    ],
    ids=["web", "worker", "signer", "beat", "timestamps", "command"],
)
def test_a_process_loads_what_it_needs_and_no_more(
    code: str, variables: dict[str, str], never: tuple[str, ...], always: tuple[str, ...]
) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")} | variables
    said = subprocess.check_output([sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], cwd=ROOT, env=environment, text=True)
    loaded = set(said.splitlines()[-1].split())
    assert set(always) <= loaded
    assert not set(never) & loaded


def test_every_module_of_flow_can_be_the_first_that_a_process_asks_for() -> None:
    """The signer asks for three of them, and only when there is something to seal: a circle would be seen by nothing before that."""
    names = sorted(
        f"certifications.flow.{file.stem}" for file in (ROOT / "certifications" / "flow").glob("*.py") if file.stem != "__init__"
    )
    code = f"""
import django, importlib, sys
django.setup()
for name in {names}:
    for known in [known for known in sys.modules if known.startswith("certifications.flow")]:
        del sys.modules[known]
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(name, error)
"""
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True) == ""
