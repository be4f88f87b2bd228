"""What import-linter cannot see: pure rules, string foreign keys, file sizes, who/when/what under constraints."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).parents[2]
LAYERS = (
    "flow", "orders", "letters", "attestations", "flags", "custody", "evidence", "declarations", "resolution", "screening", "programme", "catalogue", "parties", "uploads", "tips", "machines", "mail",
    "people", "files", "work", "ledger",
)  # fmt: skip
PURE = sorted(
    [
        *(ROOT / "certifications").glob("*/rules.py"),
        *(ROOT / "certifications" / "flags" / "rules").glob("*.py"),
        ROOT / "certifications" / "flags" / "outcomes.py",
    ]
)


def imported(file: Path) -> set[str]:
    """Modules that a file imports, absolute ones."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


@pytest.mark.parametrize("file", PURE, ids=lambda f: str(f.relative_to(ROOT)))
def test_rules_know_no_database_and_no_request(file: Path) -> None:
    for name in imported(file):
        assert not name.startswith(("django.db", "django.http", "django.conf")), name
        assert not name.endswith((".models", ".queries", ".actions")), name


def test_foreign_keys_point_downwards_too() -> None:
    for model in apps.get_app_config("certifications").get_models():
        room = model.__module__.split(".")[1]
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and isinstance(field.related_model, type):
                target = field.related_model.__module__.split(".")
                if target[0] == "certifications":
                    assert LAYERS.index(target[1]) >= LAYERS.index(room), f"{model.__name__}.{field.name} points upwards"


def test_no_hand_written_file_is_longer_than_four_hundred_lines() -> None:
    wanted = [p for pattern in ("*.py", "*.html", "*.css", "*.js") for p in ROOT.rglob(pattern)]
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for path in wanted
        if not any(part in {".venv", "vendor", "migrations", ".state", "locale", "notices"} for part in path.parts)
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    ]
    assert not long, long


def test_who_and_when_stand_under_a_constraint_together() -> None:
    """A model with x_at and x_by that may both be empty has a check constraint that names them."""
    bare = []
    for model in apps.get_app_config("certifications").get_models():
        names = {field.name: field for field in model._meta.concrete_fields}
        for name, field in names.items():
            partner = names.get(name.removesuffix("_at") + "_by") if name.endswith("_at") and field.null else None
            if partner is not None and partner.null:
                checks = [str(c.condition) for c in model._meta.constraints if isinstance(c, models.CheckConstraint)]
                if not any(name in text and partner.name in text for text in checks):
                    bare.append(f"{model.__name__}.{name}")
    assert not bare, bare


def test_every_transition_leads_to_a_known_state() -> None:
    for model in apps.get_app_config("certifications").get_models():
        transitions = getattr(model, "TRANSITIONS", None)
        if transitions is None:
            continue
        known = set(model.Status.values)  # type: ignore[attr-defined]
        assert set(transitions) == known
        assert set().union(*transitions.values()) <= known
