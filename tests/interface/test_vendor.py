"""Files of other projects are the ones that were reviewed, whole, and carry their licences."""

import hashlib
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "portal" / "static"


def locked() -> dict[str, str]:
    """Path to digest, from vendor.lock."""
    lines = (STATIC / "vendor.lock").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    return {path: digest for digest, path in pairs}


def test_every_vendored_file_has_the_digest_of_the_lock_and_none_is_unlisted() -> None:
    found = {
        path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (STATIC / "vendor").rglob("*")
        if path.is_file()
    }
    assert found == locked()


def test_every_vendored_project_carries_its_licence_and_its_version() -> None:
    projects = [path for path in (STATIC / "vendor").iterdir() if path.is_dir()]
    assert projects
    for project in projects:
        assert (project / "LICENSE").is_file(), project.name
        assert project.name.rpartition("-")[2][0].isdigit(), project.name
