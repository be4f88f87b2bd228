"""What no template and no stylesheet may hold: the policy would refuse it, or it would show data unescaped."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
OURS = [p for p in (ROOT / "portal" / "static" / "portal").iterdir() if p.suffix in {".css", ".js"}]
CODE = [p for folder in ("portal", "certifications", "verifier") for p in (ROOT / folder).rglob("*.py")]

BANNED = {
    "an inline style": re.compile(r"\sstyle\s*="),
    "a style element": re.compile(r"<style\b"),
    "an inline event handler": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b"),
    "a javascript expression": re.compile(r"\b(?:js|javascript):"),
    "|safe": re.compile(r"\|\s*safe\b"),
    "autoescape off": re.compile(r"autoescape\s+off"),
    "a fetch from elsewhere": re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)\s*=\s*[\"'](?:https?:)?//"),
}
SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL)


def faults(text: str) -> list[str]:
    """The names of what is banned and found in a template's text."""
    found = [name for name, pattern in BANNED.items() if pattern.search(text)]
    for script in SCRIPT.finditer(text):
        is_data = 'type="application/json"' in script["attributes"]
        if script["body"].strip() and not is_data:
            found.append("an inline script")
    return found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.relative_to(ROOT / "templates").as_posix())
def test_template_compiles_and_holds_nothing_that_the_policy_refuses(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []
    get_template(path.relative_to(ROOT / "templates").as_posix())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('<p style="color:red">', "an inline style"),
        ("<style>p{}</style>", "a style element"),
        ("<script>go()</script>", "an inline script"),
        ('<script type="module">go()</script>', "an inline script"),
        ('<a onclick="go()">', "an inline event handler"),
        ('<a hx-on:click="go()">', "hx-on"),
        ('<a hx-vals="js:{a: 1}">', "a javascript expression"),
        ("{{ name|safe }}", "|safe"),
        ("{{ name | safe }}", "|safe"),
        ("{% autoescape off %}", "autoescape off"),
        ('<script src="https://cdn.example/x.js"></script>', "a fetch from elsewhere"),
    ],
)
def test_lint_sees_each_fault(text: str, fault: str) -> None:
    assert fault in faults(text)


def test_lint_lets_data_and_external_scripts_pass() -> None:
    assert faults('<script type="application/json">{"a": 1}</script><script src="{% static "a.js" %}" defer></script>') == []


def test_no_code_marks_text_as_safe() -> None:
    named = [p.relative_to(ROOT).as_posix() for p in CODE if re.search(r"\bmark_safe\(|SafeString\(", p.read_text("utf-8"))]
    assert named == []


@pytest.mark.parametrize("path", OURS, ids=lambda p: p.name)
def test_own_assets_fetch_nothing_from_elsewhere_and_evaluate_nothing(path: Path) -> None:
    text = re.sub(r"http://www\.w3\.org/\S+", "", path.read_text(encoding="utf-8"))
    assert not re.search(r"https?://|@import|\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write", text)


@pytest.mark.parametrize("path", [*TEMPLATES, *OURS], ids=lambda p: p.name)
def test_files_written_by_hand_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 400
