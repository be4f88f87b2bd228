"""D03: a distributor is silent, its report of a month long overdue (custody-and-flags.md, "Silence"). Pure."""

from typing import Any, Final

from django.utils.translation import gettext as _

from .base import Fired, ReportFacts, Severity, said

# Days after the day on which the report was due: longer than the longest holidays, and after two reminders (3 and 10 days).
GRACE_DAYS: Final = 10


class Silence:
    """Neither a movement nor the statement that nothing was sold came for a month within the days after it was due."""

    id = "D03"
    version = 1

    def evaluate(self, facts: ReportFacts) -> list[Fired]:
        late = (facts.today - facts.due_on).days
        if late <= GRACE_DAYS:
            return []
        inputs = {
            "distributor": facts.distributor,
            "distributor_id": facts.distributor_id,
            "month": facts.month,
            "date": facts.due_on.isoformat(),
            "days": late,
        }
        return [Fired(self.id, self.version, Severity.MEDIUM, inputs, {"grace_days": GRACE_DAYS})]

    def title(self) -> str:
        return _("Sales report long overdue")

    def explain(self, inputs: dict[str, Any]) -> str:
        return _(
            "The report of %(distributor)s for %(month)s was due on %(date)s. %(days)s days later neither a movement nor the "
            "statement that nothing was sold was on record."
        ) % said(inputs)

    def clears(self) -> str:
        return _(
            "The report, or the statement that nothing was sold, closes it by itself; else an answer of the distributor that shows why none is owed."
        )
