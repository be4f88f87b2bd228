"""Measures the name engine: build time, speed, and recall on labelled names, beside a plain string comparison.

Usage: python bench/matching.py [FOLDER]. FOLDER (or SCREENING_DATA, else ../shared/data/screening) holds list.jsonl
and queries.jsonl. Without it only speed is measured, on the repository's own list. Asserts nothing.
With --speed only the growth from 10,000 to 200,000 names is measured, with --million to 1,000,000.
The weights of the engine were fitted on the half of the queries that was looked at; the other half is the one to quote.
"""

import json
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process, utils

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench._bodies import print_bodies  # noqa: E402
from bench._speed import table as _speed_table  # noqa: E402
from bench.split import HELD_OUT, LOOKED_AT, half  # noqa: E402
from certifications.matching import ENGINE_VERSION, LEXICON_VERSION, Entry, build_index, match, normalise  # noqa: E402

Answer = tuple[str, float]
FALSE_POSITIVES = 0.01
THRESHOLDS = (0.85, 0.70)
PEER_SAMPLE = 8  # the peer walks the whole list per query: every eighth query keeps the run short


def _folder() -> Path | None:
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    named = arguments[0] if arguments else os.environ.get("SCREENING_DATA", "")
    folder = Path(named) if named else ROOT.parent / "shared" / "data" / "screening"
    return folder if (folder / "list.jsonl").is_file() else None


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _own_list() -> list[Entry]:
    data = json.loads((ROOT / "certifications/screening/data/entity_list.json").read_text(encoding="utf-8"))
    return [Entry(e["id"], e["schema"], [e["name"], *e["aliases"], *e["zh_unofficial"]]) for e in data["entities"]]


def _timed(ask: Callable[[dict[str, Any]], Answer], queries: list[dict[str, Any]]) -> tuple[dict[int, Answer], list[float]]:
    answers, times = {}, []
    for number, query in enumerate(queries):
        started = time.perf_counter()
        answers[number] = ask(query)
        times.append(time.perf_counter() - started)
    return answers, sorted(times)


def _speed(name: str, times: list[float]) -> None:
    mean, p95, worst = sum(times) / len(times), times[int(0.95 * (len(times) - 1))], times[-1]
    print(f"{name:14s} {1 / mean:8.0f} queries/s   mean {mean * 1000:6.1f} ms   p95 {p95 * 1000:6.1f} ms   worst {worst * 1000:6.1f} ms")


def _namesakes(entries: list[Entry]) -> Callable[[str, str], bool]:
    """Two entries count as one where a name of theirs is the same but for order and case: lists repeat each other."""
    keys = {e.id: {" ".join(sorted(normalise(n).split())) for n in e.names} for e in entries}
    return lambda a, b: a == b or bool(keys.get(a, set()) & keys.get(b, set()))


def _table(name: str, queries: list[dict[str, Any]], answers: dict[int, Answer], same: Callable[[str, str], bool]) -> None:
    sets: dict[str, list[tuple[dict[str, Any], Answer]]] = defaultdict(list)
    for number, query in enumerate(queries):
        sets[query["set"]].append((query, answers[number]))
    print(
        f"\n{name}\n{'set':18s} {'names':>6s} {'recall@1':>9s} {'at 1 % FP':>10s}" + "".join(f"   recall/FP at {t:.2f}" for t in THRESHOLDS)
    )
    for label, rows in sets.items():
        hits = [answer[1] if same(answer[0], query["truth"]) else -1.0 for query, answer in rows if query["truth"]]
        wrong = sorted((answer[1] for query, answer in rows if not query["truth"]), reverse=True)
        limit = wrong[int(FALSE_POSITIVES * len(wrong))] if wrong else 0.0
        share = [sum(h > 0 for h in hits) / len(hits), sum(h > limit for h in hits) / len(hits)]
        bands = [(sum(h >= t for h in hits) / len(hits), sum(w >= t for w in wrong) / max(1, len(wrong))) for t in THRESHOLDS]
        print(f"{label:18s} {len(rows):6d} {share[0]:9.3f} {share[1]:10.3f}" + "".join(f"        {r:.3f} / {f:.3f}" for r, f in bands))


def main() -> None:
    """Prints the tables."""
    folder = _folder()
    entries = [Entry(e["id"], e.get("schema", ""), e["names"]) for e in _lines(folder / "list.jsonl")] if folder else _own_list()
    if {"--speed", "--million"} & set(sys.argv):
        queries = [q["query"] for q in _lines(folder / "queries.jsonl")][::12] if folder else [e.names[0] for e in entries]
        _speed_table(entries, queries, large="--million" in sys.argv)
        return
    print_bodies()
    same = _namesakes(entries)
    started = time.perf_counter()
    index = build_index(entries)
    print(f"engine {ENGINE_VERSION}, lexicon {LEXICON_VERSION}, {len(index)} names of {len(entries)} entities")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"index built in {time.perf_counter() - started:.2f} s (vocabulary included), process at {memory} MB")

    def ours(query: dict[str, Any]) -> Answer:
        found = match(query["query"], index, 1, schema=query["schema"])
        return (found[0].id, found[0].score) if found else ("", 0.0)

    if folder is None:
        queries = [{"query": name, "schema": "", "set": "own list", "truth": e.id} for e in entries for name in e.names] * 20
        answers, times = _timed(ours, queries)
        _speed("this engine", times)
        _table("this engine", queries, answers, same)
        return
    queries = _lines(folder / "queries.jsonl")
    owners = [(e.id, n) for e in entries for n in e.names]
    plain = [utils.default_process(normalise(n)) for _, n in owners]

    def peer(query: dict[str, Any]) -> Answer:
        found = process.extractOne(utils.default_process(normalise(query["query"])), plain, scorer=fuzz.token_sort_ratio)
        return (owners[found[2]][0], found[1] / 100) if found else ("", 0.0)

    answers, times = _timed(ours, queries)
    sample = queries[::PEER_SAMPLE]
    beside, peer_times = _timed(peer, sample)
    _speed("this engine", times)
    _speed("token_sort", peer_times)
    _table("this engine, all names", queries, answers, same)
    for name in (HELD_OUT, LOOKED_AT):
        part = [number for number, query in enumerate(queries) if half(query) == name]
        _table(
            f"this engine, the half that was {name} (split by hash of the entity)",
            [queries[n] for n in part],
            {k: answers[n] for k, n in enumerate(part)},
            same,
        )
    _table(f"token_sort over the same list (every {PEER_SAMPLE}th query)", sample, beside, same)


if __name__ == "__main__":
    main()
