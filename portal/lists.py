"""Lists that are searched, narrowed, sorted and paged, all of it kept in the address. Knows no model and no permission.

A page begins after a row and not after a number of rows: it costs what its own rows cost, however far down the list it is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from portal.forms import DayField

PER_PAGE = 25
# Rows are counted up to here; beyond it a page says "more than".
MOST_COUNTED = 1000
# Where a row must be looked at to know whether it belongs: so many at a time, and so many for one page.
BATCH, MOST_LOOKED_AT = 250, 2000
MOST_LOOKED_AT_FOR_A_FILE = 50_000
LONGEST_KEY = 26


@dataclass(frozen=True)
class Sort:
    """What a list may be sorted by: its word in the address, its heading, and a field that is never null, or an expression.

    `key` may be a function, where it hangs on the language of the page. `is_down`: its first click puts the last value first.
    """

    code: str
    label: Any
    key: Any
    is_down: bool = False


@dataclass(frozen=True)
class Head:
    """The heading of a column that sorts: where it leads, and how it sorts now ("ascending", "descending" or nothing)."""

    label: Any
    url: str
    aria: str


class ListForm(forms.Form):
    """Search, filters and order of one list: a GET form whose every field may stay empty. What cannot be read is left aside and said."""

    sorts: ClassVar[tuple[Sort, ...]] = ()
    default: ClassVar[str] = ""

    q = forms.CharField(label=_("Search"), max_length=100, required=False, widget=forms.TextInput(attrs={"data-key-search": ""}))

    def __init__(self, data: Mapping[str, str] | None = None) -> None:
        given = data or {}
        super().__init__({name: given.get(name, "") for name in self.base_fields} | {"sort": given.get("sort") or self.default})
        both = [(f"{way}{one.code}", said % {"what": one.label}) for one in self.sorts for way, said in _WAYS]
        # On a narrow page there are no headings to sort by.
        choice = forms.Select(attrs={"class": "sort-choice"})
        self.fields["sort"] = forms.ChoiceField(label=_("Sorted by"), required=False, choices=both, widget=choice)
        self.must = frozenset(self.fields)
        self.choose()
        self.is_valid()

    def choose(self) -> None:
        """What a list offers in its filters; each form its own."""

    def choices(self, name: str, offered: Iterable[tuple[str, Any]]) -> None:
        """Offer these in a filter, and everything first."""
        self.fields[name].choices = [("", _("All")), *offered]  # type: ignore[attr-defined]

    def leave_out(self, name: str) -> None:
        """A filter that is not for whoever looks; what the address says of it counts for nothing."""
        del self.fields[name]
        self.data.pop(name, None)  # type: ignore[attr-defined]

    def get(self, name: str) -> Any:
        """What was asked for in a field; empty where nothing was, or nothing that can be read."""
        return self.cleaned_data.get(name) or ""

    @property
    def order(self) -> tuple[Sort, bool]:
        """What to sort by, and whether the last value comes first."""
        wanted = self.get("sort") or self.default
        code = wanted.removeprefix("-")
        return next(one for one in self.sorts if one.code == code), wanted.startswith("-")

    @property
    def kept(self) -> dict[str, str]:
        """What the address says of the list, without its place in it."""
        return {name: value for name, value in self.data.items() if value and (name, value) != ("sort", self.default)}

    @property
    def on(self) -> list[tuple[str, str]]:
        """(what, how) of the search and every filter that narrows the list, in words."""
        found = []
        for name, one in self.fields.items():
            value = self.get(name)
            if value and name != "sort":
                found.append((str(one.label), _said(one, value)))
        return found

    def ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows in the order asked for; rows of one value by their own key."""
        return _in_order(rows, *self.order)


_WAYS = (("", _("%(what)s, ascending")), ("-", _("%(what)s, descending")))


def _said(one: forms.Field, value: Any) -> str:
    if isinstance(one, DayField):
        return date_format(value, "DATE_FORMAT")
    if isinstance(one, forms.ChoiceField):
        return str(dict(one.choices).get(value, value))  # type: ignore[arg-type]
    return str(value)


def between(rows: QuerySet[Any], name: str, form: ListForm) -> QuerySet[Any]:
    """Those whose moment in the field `name` lies within the form's days `since` and `until`, both included."""
    if form.get("since"):
        rows = rows.filter(**{f"{name}__date__gte": form.get("since")})
    if form.get("until"):
        rows = rows.filter(**{f"{name}__date__lte": form.get("until")})
    return rows


def _key(sort: Sort) -> Any:
    key = sort.key() if callable(sort.key) and not hasattr(sort.key, "resolve_expression") else sort.key
    return F(key) if isinstance(key, str) else key


def _in_order(rows: QuerySet[Any], sort: Sort, is_down: bool) -> QuerySet[Any]:  # noqa: FBT001
    way = "-" if is_down else ""
    return rows.annotate(list_key=_key(sort)).order_by(f"{way}list_key", f"{way}pk")


@dataclass(frozen=True)
class Listed:
    """A page of a list with all that its templates say around it."""

    rows: list[Any]
    form: ListForm
    path: str
    # None where rows had to be looked at one by one, so that nobody counted them.
    total: int | None = None
    is_more: bool = False
    previous_url: str = ""
    next_url: str = ""
    first_url: str = ""
    # How many were looked at before the page gave up looking for rows that belong; 0 where it did not.
    looked_at: int = 0
    # Whether that was on the way back to the beginning.
    is_back: bool = False
    heads: dict[str, Head] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """The state of the list for other addresses, such as its CSV."""
        return urlencode(self.form.kept)

    @property
    def clear_url(self) -> str:
        """The whole list in the same order."""
        kept = {name: value for name, value in self.form.kept.items() if name == "sort"}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path


def page_of(
    request: HttpRequest,
    form: ListForm,
    *,
    visible: QuerySet[Any],
    found: QuerySet[Any],
    keep: Callable[[list[Any]], list[Any]] | None = None,
    per_page: int = PER_PAGE,
) -> Listed:
    """The page that the address asks for, after or before one of its rows.

    `visible`: whatever the person may see, where that row is looked for, whether or not it still fits the filters. `keep`: of some
    rows those that belong, where the database cannot say which do.
    """
    sort, is_down = form.order
    # The key of a row and nothing else: whatever stands there otherwise begins the list anew.
    back, anchor = (request.GET.get(name, "") for name in ("before", "after"))
    anchor = next((pk for pk in (back, anchor) if pk.isalnum() and len(pk) <= LONGEST_KEY), "")
    place = visible.annotate(list_key=_key(sort)).filter(pk=anchor).values_list("list_key", flat=True).first() if anchor else None
    rows = found.order_by()
    total = rows[: MOST_COUNTED + 1].count() if keep is None else None
    if place is not None and back:
        turned = _in_order(rows, sort, not is_down).filter(_beyond(place, anchor, not is_down))
        taken, looked_at, last = _taken(turned, per_page, keep)
        # At the top a page would be short: the first one is shown whole.
        place = place if len(taken) > per_page or looked_at else None
    if place is None:
        anchor = back = ""
    if not back:
        ordered = _in_order(rows, sort, is_down)
        taken, looked_at, last = _taken(ordered.filter(_beyond(place, anchor, is_down)) if anchor else ordered, per_page, keep)
    shown, more = taken[:per_page], len(taken) > per_page
    if back:
        shown.reverse()

    def at(**to: str) -> str:
        kept = form.kept | to
        return f"{request.path}?{urlencode(kept)}" if kept else request.path

    gave_up = at(**{"before" if back else "after": last}) if looked_at else ""
    return Listed(
        rows=shown,
        form=form,
        path=request.path,
        total=None if total is None else min(total, MOST_COUNTED),
        is_more=total is not None and total > MOST_COUNTED,
        # Going back, where nothing that belongs was found among so many, there may still be something further back.
        previous_url=(gave_up if back else "") or (at(before=shown[0].pk) if anchor and shown else ""),
        next_url=at(after=shown[-1].pk if shown else last) if back else at(after=shown[-1].pk) if more else gave_up,
        first_url=at() if anchor else "",
        looked_at=looked_at,
        is_back=bool(back),
        heads={one.code: _head(one, form, request.path) for one in form.sorts},
    )


def _beyond(place: Any, pk: str, is_down: bool) -> Q:  # noqa: FBT001
    """Rows after this one in the order. The first condition alone would do; it lets an index be entered at the place."""
    way = "lt" if is_down else "gt"
    return Q(**{f"list_key__{way}e": place}) & (Q(**{f"list_key__{way}": place}) | Q(list_key=place, **{f"pk__{way}": pk}))


def _taken(rows: QuerySet[Any], per_page: int, keep: Callable[[list[Any]], list[Any]] | None) -> tuple[list[Any], int, str]:
    """(one row more than a page where there is one, how many were looked at in vain and the last of them)"""
    if keep is None:
        # The keys first: whatever a row brings along is read for those of the page, and not sorted with all the others.
        keys = list(rows.values_list("pk", flat=True)[: per_page + 1])
        whole = rows.order_by().in_bulk(keys)
        return [whole[key] for key in keys if key in whole], 0, ""
    taken: list[Any] = []
    for start in range(0, MOST_LOOKED_AT, BATCH):
        batch = list(rows[start : start + BATCH])
        taken += keep(batch)
        if len(taken) > per_page or len(batch) < BATCH:
            return taken, 0, ""
    return taken, MOST_LOOKED_AT, batch[-1].pk


def _head(sort: Sort, form: ListForm, path: str) -> Head:
    now, is_down = form.order
    is_now = now.code == sort.code
    down = not is_down if is_now else sort.is_down
    aria = ("descending" if is_down else "ascending") if is_now else ""
    return Head(sort.label, f"{path}?{urlencode(form.kept | {'sort': ('-' if down else '') + sort.code})}", aria)


def kept_of(rows: QuerySet[Any], keep: Callable[[list[Any]], list[Any]] | None, most: int) -> tuple[list[Any], bool]:
    """For a file: the first `most` rows that belong, and whether there may be more.

    Where rows must be looked at one by one, no more than MOST_LOOKED_AT_FOR_A_FILE are: beyond it the file is cut and says so.
    """
    if keep is None:
        found = list(rows[: most + 1])
        return found[:most], len(found) > most
    # Sorted once, by their keys alone: each further batch costs what its own rows cost.
    keys = list(rows.values_list("pk", flat=True)[: MOST_LOOKED_AT_FOR_A_FILE + 1])
    is_cut = len(keys) > MOST_LOOKED_AT_FOR_A_FILE
    keys = keys[:MOST_LOOKED_AT_FOR_A_FILE]
    taken: list[Any] = []
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        whole = rows.order_by().in_bulk(batch)
        taken += keep([whole[key] for key in batch if key in whole])
        if len(taken) > most:
            return taken[:most], True
    return taken, is_cut
