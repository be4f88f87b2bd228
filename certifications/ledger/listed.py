"""Several things one after the other, with the mark that the language of the page puts between them."""

from collections.abc import Iterable

from django.utils.translation import get_language


def listed(items: Iterable[object]) -> str:
    """A, B, C; in Chinese A、B、C. For what a person reads: what is kept or signed is no list of this kind."""
    return ("、" if (get_language() or "").startswith("zh") else ", ").join(str(one) for one in items)
