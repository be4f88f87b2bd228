"""`assert_accessible(page)`: axe-core over a page that Playwright shows, with the rules that the portal promises.

axe runs in the page's isolated world through the debugger, so a strict Content-Security-Policy stays in force.
"""

from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _source() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Any) -> list[str]:
    """One line per violation and node: rule, target, what is wrong."""
    page.evaluate(f"() => {{ if (!window.axe) {{ {_source()} }} }}")
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", TAGS)
    return [
        f"{rule['id']}: {' '.join(str(t) for t in node['target'])}: {node.get('failureSummary', '').strip()}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def assert_accessible(page: Any) -> None:
    """Fail with every violation named."""
    found = violations(page)
    assert not found, f"{page.url} has {len(found)} accessibility violations:\n" + "\n".join(found)
