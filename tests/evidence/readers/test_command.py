"""The command that reads files of notices: one line a file, the unreadable ones by name, no database."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.evidence.readers.samples import OWN, labels

ROOT = Path(__file__).resolve().parents[3]


def run(*arguments: str, out: Path) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
    """Run the command with a database address that nothing answers; its result and the lines it wrote."""
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none", "REDIS_URL": "redis://127.0.0.1:9/0"}
    environment = os.environ | nowhere | {"PORTAL_SECRET_KEY": "only-for-this-test", "PORTAL_DEMO": "1"}
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(ROOT / "manage.py"), "read_notices", *arguments, "--out", str(out)],
        capture_output=True, text=True, check=False, env=environment, timeout=120, cwd=ROOT,
    )  # fmt: skip
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] if out.exists() else []
    return done, lines


def test_every_notice_gets_one_line_with_numbers_in_yuan(tmp_path: Path) -> None:
    wanted = labels(OWN)
    done, lines = run(*(str(OWN / row["file"]) for row in wanted), out=tmp_path / "lines.jsonl")
    assert done.returncode == 0, done.stderr
    assert [
        (Path(row["file"]).name, row["suppliers"], row["buyer"], row["amounts"], row["project_no"] or None, row["stage"]) for row in lines
    ] == [(row["file"], row["suppliers"], row["buyer"], row["amounts"], row["project_no"], row["stage"]) for row in wanted]
    first = lines[0]
    assert first["items"][0] == {
        "text": "IdentiPrime 24 STR荧光检测试剂盒", "brand": "科凡仪器", "model": "CI-2440-100", "quantity": 18, "unit": "盒", "unit_price": 25800,
    }  # fmt: skip
    assert set(first["fields"]["buyer"]) == {"start", "end", "confidence"}


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    pdf = tmp_path / "notice.pdf"
    pdf.write_bytes(b"%PDF-1.7\n")
    program = tmp_path / "notice.exe"
    program.write_bytes(b"MZ\x90\x00\x03\x00\x00\x00")
    good = str(OWN / "candidates_yili_2026.txt")
    done, lines = run(str(pdf), str(program), good, str(tmp_path / "absent.html"), out=tmp_path / "lines.jsonl")
    assert done.returncode == 0, done.stderr
    assert [row.get("problem") for row in lines] == ["damaged", "wrong_kind", None, "not_opened"]
    assert "notice.pdf" in done.stderr
    assert "notice.exe" in done.stderr
    assert "absent.html" in done.stderr


def test_nothing_readable_is_a_failure(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"")
    done, lines = run(str(empty), out=tmp_path / "lines.jsonl")
    assert done.returncode != 0
    assert [row["problem"] for row in lines] == ["empty"]
