"""What can be printed: asked while somebody can still mend it, long before a document is made."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from certifications.attestations.render import MissingGlyph, check_glyphs


def unprintable(fields: Mapping[str, Any]) -> dict[str, str]:
    """Field to a sentence, for each text that holds a character no font of the documents can draw."""
    problems = {}
    for name, value in fields.items():
        try:
            check_glyphs({name: value})
        except MissingGlyph as missing:
            problems[name] = _("%(c)s (U+%(n)s) cannot be printed on the documents; write this with another character.") % {
                "c": missing.character if missing.character.isprintable() else "?",
                "n": f"{ord(missing.character):04X}",
            }
    return problems
