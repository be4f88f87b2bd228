"""Where a draft stands: its groups with their state, and what must be mended in each. Reads; decides nothing."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from certifications.declarations.data import GROUPS, group_of
from certifications.declarations.models import Declaration, DeclarationVersion
from certifications.declarations.rules import Problem, group_titles
from certifications.people.models import User
from certifications.people.permissions import Permission, may

DONE, TODO, PROBLEM = "done", "todo", "problem"


def titles() -> dict[str, str]:
    """Names of the groups, in their order, and of the two pages after them."""
    return {
        **group_titles(),
        "check": _("Check your answers"),
        "sign": _("Sign"),
    }


@dataclass(frozen=True)
class Step:
    """One line of the task list; `url` is empty where one cannot go yet."""

    name: str
    title: str
    state: str
    url: str
    is_here: bool = False

    @property
    def icon(self) -> str:
        """The picture beside the word that readers hear."""
        return {DONE: "check", PROBLEM: "alert"}.get(self.state, "arrow" if self.is_here else "missing")

    @property
    def words(self) -> str:
        """The state in words."""
        return {DONE: _("done"), PROBLEM: _("something to mend"), TODO: _("to do")}[self.state]


def state_of(group: str, version: DeclarationVersion, problems: list[Problem]) -> str:
    """What was never opened is to do, whatever it lacks."""
    if group not in version.answered:
        return TODO
    return PROBLEM if any(group_of(problem.field) == group for problem in problems) else DONE


def steps(
    declaration: Declaration | None, version: DeclarationVersion | None, problems: list[Problem], here: str, user: User
) -> list[Step]:
    """The task list; before there is a draft, its first line alone leads anywhere."""
    names = titles()
    if declaration is None or version is None:
        return [Step(name, title, TODO, "", name == here) for name, title in names.items()]
    number = declaration.number
    edits = may(user, Permission.EDIT_DECLARATIONS)
    rows = [
        Step(
            name,
            names[name],
            state_of(name, version, problems),
            reverse("distributors:declaration-step", args=[number, name]) if edits else "",
            name == here,
        )
        for name in GROUPS
    ]
    whole = not problems and all(row.state == DONE for row in rows)
    rows.append(
        Step("check", names["check"], DONE if whole else TODO, reverse("distributors:declaration-check", args=[number]), here == "check")
    )
    url = reverse("distributors:declaration-sign", args=[number]) if whole and may(user, Permission.SIGN_DECLARATIONS) else ""
    return [*rows, Step("sign", names["sign"], TODO, url, here == "sign")]


def next_open(version: DeclarationVersion, problems: list[Problem]) -> str:
    """The first group that is to do or to mend; the check where there is none."""
    return next((group for group in GROUPS if state_of(group, version, problems) != DONE), "check")


def after(group: str) -> str:
    """The page that follows a group."""
    return [*GROUPS, "check"][GROUPS.index(group) + 1]


def address(number: str, page: str) -> str:
    """Of a group, or of the check."""
    name, args = ("distributors:declaration-check", [number]) if page == "check" else ("distributors:declaration-step", [number, page])
    return reverse(name, args=args)


def field_of(problem: Problem, names: Any) -> str | None:
    """The field of a form at which a problem is shown: its own, or the first of a row of them; None for the whole form."""
    if problem.field in names:
        return problem.field
    first = {"lines": "quantity_", "end_users": "user_", "consignees": "consignee_", "customer_id": "customer", "clauses": "quantity_"}
    start = first.get(problem.field, f"{problem.field}_")
    found = next((name for name in names if name.startswith(start)), None)
    if found is None and problem.field.startswith("quantity_"):
        found = next((name for name in names if name.endswith(problem.field.removeprefix("quantity"))), None)
    if found is None and problem.field in {"lines", "clauses"}:
        found = next((name for name in names if name.startswith("share_")), None)
    return found
