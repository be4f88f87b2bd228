"""Counted lists a page at a time; a page knows the addresses of those beside it, so that one address can hold several lists."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest


class Shown(Page):  # type: ignore[type-arg]
    """One page of a list. `previous_url` and `next_url` keep whatever else is asked in the address; None where there is no such page."""

    previous_url: str | None = None
    next_url: str | None = None


class _Pages(Paginator):  # type: ignore[type-arg]
    def _get_page(self, *args: Any, **kwargs: Any) -> Shown:
        return Shown(*args, **kwargs)


def paged(request: HttpRequest, rows: Any, per_page: int, key: str = "page") -> Shown:
    """The page that the address asks for under `key`: the first where it asks for none or for nonsense, the last where it asks for too much."""
    page: Shown = _Pages(rows, per_page).get_page(request.GET.get(key))  # type: ignore[assignment]

    def at(number: int) -> str:
        asked = request.GET.copy()
        asked[key] = str(number)
        return f"?{asked.urlencode()}"

    if page.has_previous():
        page.previous_url = at(page.previous_page_number())
    if page.has_next():
        page.next_url = at(page.next_page_number())
    return page
