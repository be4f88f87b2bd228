"""Measures the name engine: build time, speed, and recall on labelled names, beside a plain string comparison.

Usage: python bench/matching.py [FOLDER]. FOLDER (or SCREENING_DATA, else ../shared/data/screening) holds list.jsonl
and queries.jsonl. Without it only speed is measured, on the repository's own list. Asserts nothing.
With --peer=PYTHON nomenklatura's logic-v2 stands beside us; PYTHON has bench/requirements-peer.txt installed.
With --speed only the growth from 10,000 to 200,000 names is measured, with --million to 1,000,000.
The weights of the engine were fitted on the half of the queries that was looked at; the other half is the one to quote.
"""

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process, utils

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench._bodies import print_bodies  # noqa: E402
from bench._lists import lines, listed, own  # noqa: E402
from bench._speed import table as _speed_table  # noqa: E402
from bench.split import HELD_OUT, LOOKED_AT, half  # noqa: E402
from certifications.matching import ENGINE_VERSION, LEXICON_VERSION, Entry, build_index, compare, match, normalise  # noqa: E402

Answer = tuple[str, float]
Same = Callable[[str, str], bool]
Queries = list[dict[str, Any]]
FALSE_POSITIVES = 0.01
THRESHOLDS = (0.85, 0.70)
PEER_SAMPLE = 8  # the peer walks the whole list per query: every eighth query keeps the run short


def _folder() -> Path | None:
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    named = arguments[0] if arguments else os.environ.get("SCREENING_DATA", "")
    folder = Path(named) if named else ROOT.parent / "shared" / "data" / "screening"
    return folder if (folder / "list.jsonl").is_file() else None


def _timed(ask: Callable[[dict[str, Any]], Answer], queries: dict[int, dict[str, Any]]) -> tuple[dict[int, Answer], list[float]]:
    answers, times = {}, []
    for number, query in queries.items():
        started = time.perf_counter()
        answers[number] = ask(query)
        times.append(time.perf_counter() - started)
    return answers, sorted(times)


def _speed(name: str, times: list[float]) -> None:
    mean, p95, worst = sum(times) / len(times), times[int(0.95 * (len(times) - 1))], times[-1]
    print(f"{name:14s} {1 / mean:8.0f} queries/s   mean {mean * 1000:6.1f} ms   p95 {p95 * 1000:6.1f} ms   worst {worst * 1000:6.1f} ms")


def _namesakes(entries: list[Entry]) -> Same:
    """Two entries count as one where a name of theirs is the same but for order and case: lists repeat each other."""
    keys = {e.id: {" ".join(sorted(normalise(n).split())) for n in e.names} for e in entries}
    return lambda a, b: a == b or bool(keys.get(a, set()) & keys.get(b, set()))


def _on_the_list(entries: list[Entry], queries: Queries) -> set[int]:
    """Queries that count as strangers though governments list them under nearly the same name; they are left out.

    The rule is that of the labels' own scorer: 0.91 alike, word by word, legal forms and brackets aside.
    """
    forms = {"co", "ltd", "limited", "company", "inc", "corp", "corporation", "group", "the", "of", "and", "plc", "incorporated", "llc"}

    def key(name: str) -> str:
        plain = re.sub(r"\([^)]*\)", "", name.lower()).replace("&", " and ")
        return " ".join(sorted(word for word in re.findall(r"[a-z0-9]+|[\u3400-\u9fff]+", plain) if word not in forms))

    listed = sorted({key(n) for e in entries if e.schema != "Person" and not e.id.startswith(("A-", "B-")) for n in e.names})
    asked = {n: key(q["query"]) for n, q in enumerate(queries) if not q["truth"] and q["set"] in ("latin_org_noise", "english_to_han")}
    return {n for n, text in asked.items() if process.extractOne(text, listed, scorer=fuzz.token_sort_ratio, score_cutoff=91)}


def _shares(hits: list[float], wrong: list[float]) -> tuple[float, float, list[tuple[float, float]]]:
    """Recall at rank 1, recall where FALSE_POSITIVES of the others pass, and recall and false positives at each threshold."""
    limit = sorted(wrong, reverse=True)[int(FALSE_POSITIVES * len(wrong))] if wrong else 0.0
    bands = [(sum(h >= t for h in hits) / len(hits), sum(w >= t for w in wrong) / max(1, len(wrong))) for t in THRESHOLDS]
    return sum(h > 0 for h in hits) / len(hits), sum(h > limit for h in hits) / len(hits), bands


def _table(engines: dict[str, dict[int, Answer]], queries: Queries, same: Same, numbers: Iterable[int]) -> None:
    """One row a set and engine; an engine that was asked a part of the queries is measured on that part."""
    bands = "".join(f"   recall/FP at {t:.2f}" for t in THRESHOLDS)
    print(f"{'set':18s} {'engine':12s} {'names':>6s} {'recall@1':>9s} {'at 1 % FP':>10s}{bands}")
    sets: dict[str, list[int]] = defaultdict(list)
    for number in numbers:
        sets[queries[number]["set"]].append(number)
    for label, held in sets.items():
        for engine, answers in engines.items():
            rows = [(queries[number], answers[number]) for number in held if number in answers]
            hits = [answer[1] if same(answer[0], query["truth"]) else -1.0 for query, answer in rows if query["truth"]]
            first, least, found = _shares(hits, [answer[1] for query, answer in rows if not query["truth"]])
            shares = "".join(f"        {r:.3f} / {f:.3f}" for r, f in found)
            print(f"{label:18s} {engine:12s} {len(rows):6d} {first:9.3f} {least:10.3f}{shares}")


def _misses(entries: list[Entry], queries: Queries, answers: dict[int, Answer], same: Same) -> None:
    """Of the names that did not come first: how many share nothing with any stored name of the right entry that could tell it."""
    names = {entry.id: entry.names for entry in entries}
    missed: dict[str, list[int]] = defaultdict(list)
    for number, query in enumerate(queries):
        if query["truth"] and not same(answers[number][0], query["truth"]):
            pieces = [piece for name in names[query["truth"]] for piece in compare(query["query"], name).pieces]
            kinds = {piece.kind for piece in pieces}
            missed[query["set"]].append(0 if kinds <= {"place", "form"} else 1 if kinds <= {"place", "form", "term"} else 2)
    print("\nnames that did not come first, by what they share with the names on the list (as this engine reads them)")
    print(f"{'set':18s} {'missed':>7s} {'nothing but place and form':>27s} {'and words of a trade':>21s} {'more':>6s}")
    for label, held in missed.items():
        print(f"{label:18s} {len(held):7d} {held.count(0):27d} {held.count(1):21d} {held.count(2):6d}")


def _logic_v2(python: str, folder: Path) -> dict[int, Answer]:
    """What nomenklatura answers, asked in a process and an environment of its own. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "answers.jsonl"
        script = ROOT / "bench" / "_logic_v2.py"
        subprocess.run([python, script, folder / "list.jsonl", folder / "queries.jsonl", out], check=True)
        return {number: (line["top"], line["score"]) for number, line in enumerate(lines(out))}


def main() -> None:
    """Prints the tables."""
    folder = _folder()
    entries = listed(folder) if folder else own()
    if {"--speed", "--million"} & set(sys.argv):
        named = lines(folder / "queries.jsonl") if folder else []
        queries = [(q["query"], q["schema"]) for q in named] or [(name, e.schema) for e in entries for name in e.names]
        _speed_table(entries, queries, large="--million" in sys.argv)
        return
    print_bodies()
    same = _namesakes(entries)
    started = time.perf_counter()
    index = build_index(entries)
    print(f"\nengine {ENGINE_VERSION}, lexicon {LEXICON_VERSION}, {len(index)} names of {len(entries)} entities")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"index built in {time.perf_counter() - started:.2f} s (vocabulary included), process at {memory} MB")

    def ours(query: dict[str, Any]) -> Answer:
        found = match(query["query"], index, 1, schema=query["schema"])
        return (found[0].id, found[0].score) if found else ("", 0.0)

    if folder is None:
        queries = [{"query": name, "schema": "", "set": "own list", "truth": e.id} for e in entries for name in e.names] * 20
        answers, times = _timed(ours, dict(enumerate(queries)))
        _speed("this engine", times)
        _table({"this engine": answers}, queries, same, answers)
        return
    queries = lines(folder / "queries.jsonl")
    counted = sorted(set(range(len(queries))) - _on_the_list(entries, queries))
    print(f"{len(queries) - len(counted)} strangers are left out: they are listed under nearly the same name")
    owners = [(e.id, n) for e in entries for n in e.names]
    plain = [utils.default_process(normalise(n)) for _, n in owners]

    def string_alone(query: dict[str, Any]) -> Answer:
        found = process.extractOne(utils.default_process(normalise(query["query"])), plain, scorer=fuzz.token_sort_ratio)
        return (owners[found[2]][0], found[1] / 100) if found else ("", 0.0)

    answers, times = _timed(ours, dict(enumerate(queries)))
    _speed("this engine", times)
    beside, peer_times = _timed(string_alone, dict(list(enumerate(queries))[::PEER_SAMPLE]))
    _speed("token_sort", peer_times)
    engines = {"this engine": answers, "token_sort": beside}
    for argument in sys.argv[1:]:
        if argument.startswith("--peer="):
            engines["logic-v2"] = _logic_v2(argument.removeprefix("--peer="), folder)
    print(f"\nall names (token_sort: every {PEER_SAMPLE}th)")
    _table(engines, queries, same, counted)
    for name in (HELD_OUT, LOOKED_AT):
        print(f"\nthe half that was {name} (split by hash of the entity)")
        _table({"this engine": answers}, queries, same, [number for number in counted if half(queries[number]) == name])
    _misses(entries, queries, answers, same)


if __name__ == "__main__":
    main()
