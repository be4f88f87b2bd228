"""nomenklatura's logic-v2 with its own index over the same list and queries, run by the interpreter that has it installed.

    PYTHON bench/_logic_v2.py LIST.jsonl QUERIES.jsonl OUT.jsonl

Out come lines {"qid", "top", "score"}; printed are the seconds for the index and for the queries. Knows nothing of this project.
"""

import json
import logging
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from followthemoney import Dataset, StatementEntity  # type: ignore[import-not-found, unused-ignore]
from nomenklatura.blocker.index import Index  # type: ignore[import-not-found, unused-ignore]
from nomenklatura.matching import get_algorithm  # type: ignore[import-not-found, unused-ignore]
from nomenklatura.resolver import Linker  # type: ignore[import-not-found, unused-ignore]
from nomenklatura.store.memory import MemoryStore  # type: ignore[import-not-found, unused-ignore]


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]


def main(listed: str, asked: str, out: str) -> None:
    """Index, ask, and write who came first."""
    logging.disable(logging.CRITICAL)
    logic = get_algorithm("logic-v2")
    config = logic.default_config()
    dataset = Dataset.make({"name": "bench", "title": "Bench"})

    def entity(key: str, schema: str, names: list[str]) -> Any:
        return StatementEntity.from_data(dataset, {"id": key, "schema": schema or "LegalEntity", "properties": {"name": names}})

    store = MemoryStore(dataset, Linker({}))
    began = time.process_time()
    with store.writer() as writer:
        for line in lines(listed):
            writer.add_entity(entity(line["id"], line.get("schema", ""), line["names"]))
    view = store.default_view()
    queries = {f"q-{line['qid']}": entity(f"q-{line['qid']}", line.get("schema", ""), [line["query"]]) for line in lines(asked)}
    with tempfile.TemporaryDirectory() as folder, Path(out).open("w", encoding="utf-8") as answers:
        index = Index(view, Path(folder))
        index.build()
        built, best = time.process_time(), dict.fromkeys(queries, ("", 0.0))
        for asked_key, candidates in index.match_entities(queries.values()):
            key = str(asked_key)
            for other, _points in candidates:
                candidate = view.get_entity(str(other))
                score = logic.compare(queries[key], candidate, config).score if candidate else 0.0
                if score > best[key][1]:
                    best[key] = (str(other), score)
        ended = time.process_time()
        index.close()
        for key, (top, score) in best.items():
            answers.write(json.dumps({"qid": int(key[2:]), "top": top, "score": score}) + "\n")
    print(f"logic-v2       {len(queries) / (ended - built):8.0f} queries/s   index {built - began:.1f} s (CPU of one process)")


if __name__ == "__main__":
    main(*sys.argv[1:4])
