"""The open declarations that a policy is or would be about, for the pages that ask somebody to judge it."""

from typing import Any

from certifications.catalogue.rules_policies import PolicyData
from certifications.flow import policies as flow
from certifications.parties.queries import display

MOST_SHOWN = 50


def dry_run(data: PolicyData) -> dict[str, Any]:
    """The open declarations that it would be about, for the page."""
    run = flow.dry_run(data)
    rows = [{"declaration": d, "name": display(d.customer.party)} for d in run.affected[:MOST_SHOWN]]
    return {"run": run, "run_rows": rows, "run_more": max(len(run.affected) - MOST_SHOWN, 0)}
