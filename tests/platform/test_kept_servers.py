"""A part of the suite keeps its servers' data for the next part, and makes it anew when it would come out differently."""

from pathlib import Path

import psycopg
import pytest

from portal.local import testing
from portal.local.embedded import Servers


def test_prepared_once_and_again_when_something_changed_or_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, prepared, ran = tmp_path / "root", [], []
    (root / "certifications/migrations").mkdir(parents=True)
    (root / "certifications/management/commands").mkdir(parents=True)
    for file in ("requirements.txt", "certifications/management/commands/grant_roles.py", "certifications/migrations/0001.py"):
        (root / file).write_text("1")
    monkeypatch.delenv("PORTAL_STATE", raising=False)

    def prepare(root: Path, servers: Servers, state: Path) -> bool:
        with psycopg.connect(servers.url("postgres", "portal")) as connection:
            connection.execute("CREATE TABLE kept (n int)")
        prepared.append(state)
        return len(prepared) != 2  # noqa: PLR2004 - the second time a migration is broken

    def suite(root: Path, servers: Servers, state: Path, arguments: list[str]) -> int:
        with psycopg.connect(servers.url("postgres", "portal")) as connection:
            connection.execute("SELECT n FROM kept")
        ran.append(arguments)
        return 0

    monkeypatch.setattr(testing, "_prepare", prepare)
    monkeypatch.setattr(testing, "_suite", suite)
    assert testing.test(root, ["one"]) == testing.test(root, ["two"]) == 0
    assert len(prepared) == 1

    (root / "certifications/migrations/0002.py").write_text("broken")
    assert testing.test(root, ["three"]) == 1
    assert ran == [["one"], ["two"]], "nothing runs on a database that could not be made"
    assert testing.test(root, ["four"]) == 0
    assert len(prepared) == 3, "what was half made is not kept"  # noqa: PLR2004

    kept = Servers(testing.kept_state(root), throw_away=True)
    (kept.pg / "global" / "pg_control").unlink()
    kept.stop(keep=True)
    assert testing.test(root, ["five"]) == 0
    assert len(prepared) == 4  # noqa: PLR2004
    assert ran[2:] == [["four"], ["five"]]
    Servers(testing.kept_state(root), throw_away=True).stop()
