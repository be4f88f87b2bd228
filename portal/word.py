"""What a pill shows, for the tables of words."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Word:
    """What a pill shows. `kind` is ok, wait, stop, note, or empty for a plain fact."""

    text: Any
    kind: str
    icon: str
