"""The two commands that work on files without the database: formats, and one clear sentence for bad input."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from certifications.matching.lines import LineError, read_lines, write_lines

ROOT = Path(__file__).parents[2]
LISTED = [
    {"id": "kashgar", "schema": "Organization", "names": ["Kashgar Prefecture Public Security Bureau"]},
    {"id": "lin", "schema": "Person", "names": ["LIN, Yue"]},
]


def run(*arguments: str, stdin: bytes = b"", environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    """The command in an empty environment: it must need no server, no secret and no variable."""
    return subprocess.run(  # noqa: S603  our own command
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        env=environment or {},
        timeout=60,
        check=False,
    )


def lines(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_match_names_writes_candidates_with_pieces_and_no_candidate_as_an_empty_top(tmp_path: Path) -> None:
    listed = lines(tmp_path / "list.jsonl", LISTED)
    queries = lines(
        tmp_path / "queries.jsonl",
        [
            {"qid": 1, "schema": "Company", "query": "喀什地区公安局"},
            {"qid": 2, "schema": "Company", "query": "😀"},
            {"qid": 3, "schema": "Person", "query": "Yue Lin"},
        ],
    )
    done = run("match_names", "--list", listed, "--queries", queries, "--out", str(tmp_path / "out.jsonl"), "--top", "2")
    assert done.returncode == 0, done.stderr
    first, second, third = (row for _, row in read_lines(str(tmp_path / "out.jsonl")))
    assert (first["qid"], first["top"]) == (1, "kashgar")
    assert first["score"] >= 0.85
    best = first["candidates"][0]
    assert set(best) >= {"id", "name", "score", "pieces"}
    assert sum(row["points"] for row in best["rows"]) == pytest.approx(best["score"])
    assert {piece["left"] for piece in best["pieces"]} == {"喀什地区", "公安局"}
    assert (second["top"], second["score"], second["candidates"]) == ("", 0, [])
    assert third["top"] == "lin"


def test_classify_names_reads_standard_input_and_writes_standard_output() -> None:
    done = run("classify_names", stdin='{"id": "a", "name": "库尔勒市公安局"}\n\n{"id": "b", "name": "\\ud800"}\n'.encode())
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"id": "a", "classes": ["police"], "divisions": ["652801"]},
        {"id": "b", "classes": [], "divisions": []},
    ]


def test_match_names_reads_queries_from_standard_input(tmp_path: Path) -> None:
    listed = lines(tmp_path / "list.jsonl", LISTED)
    done = run("match_names", "--list", listed, stdin='{"qid": 7, "schema": "Company", "query": "喀什地區公安局"}\n'.encode())
    assert done.returncode == 0, done.stderr
    assert [(row["qid"], row["top"]) for row in map(json.loads, done.stdout.splitlines())] == [(7, "kashgar")]


def test_read_notices_needs_no_variable_either(tmp_path: Path) -> None:
    notice = tmp_path / "notice.txt"
    notice.write_text("采购项目名称：遗传分析仪\n采购人：库尔勒市公安局\n", encoding="utf-8")
    done = run("read_notices", str(notice))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["buyer"] == "库尔勒市公安局"


def test_the_commands_on_files_use_no_server_even_where_one_is_named() -> None:
    named = {"DATABASE_URL": "nonsense", "REDIS_URL": "nonsense", "PORTAL_SECRET_KEY_FILE": "/nowhere", "PORTAL_AS": "signer"}
    done = run("classify_names", stdin=b'{"id": 1, "name": "x"}', environment={**named, "DJANGO_SETTINGS_MODULE": "portal.settings"})
    assert done.returncode == 0, done.stderr


def test_results_are_utf8_whatever_the_terminal_is_set_to() -> None:
    done = run("match_names", "--list", "-", "--queries", "/dev/null", environment={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    done = run("classify_names", stdin='{"id": "喀什", "name": ""}'.encode(), environment={"PYTHONIOENCODING": "ascii"})
    assert json.loads(done.stdout)["id"] == "喀什"


def test_every_other_command_still_asks_for_its_variables() -> None:
    done = run("migrate")
    assert done.returncode != 0
    assert b"is not set" in done.stderr


def test_a_list_that_cannot_be_read_is_named_and_no_result_file_appears(tmp_path: Path) -> None:
    (tmp_path / "list.jsonl").write_bytes(b'{"id": "a", "names": ["x"]}\n{"id": "b", "na')
    done = run("match_names", "--list", str(tmp_path / "list.jsonl"), "--queries", "-", "--out", str(tmp_path / "out.jsonl"))
    assert done.returncode != 0
    assert b"list.jsonl:2: not a complete JSON object" in done.stderr
    assert b"Traceback" not in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"id": 1}\n\xff\xfe\n', "lines.jsonl:2: byte 1 is not UTF-8"),
        (b"[1, 2]\n", "lines.jsonl:1: a JSON object is expected"),
        (b"{}\n" + b"[" * 100_000, "lines.jsonl:2: not a complete JSON object"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "lines.jsonl").write_bytes(content)
    with pytest.raises(LineError) as caught:
        list(read_lines(str(tmp_path / "lines.jsonl")))
    assert sentence in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LineError, match=r"absent\.jsonl cannot be read"):
        list(read_lines(str(tmp_path / "absent.jsonl")))


def test_a_failure_half_way_leaves_the_old_result(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("old\n")

    def broken() -> Any:
        yield {"id": 1}
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_lines(str(target), broken())
    assert target.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [target]


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    (tmp_path / "lines.jsonl").write_bytes(b'\xef\xbb\xbf{"id": 1}\n')
    assert [row for _, row in read_lines(str(tmp_path / "lines.jsonl"))] == [{"id": 1}]
