"""What each end user of a version is asked about: of a single one the declaration itself, of several each its own part, of stock nothing.

Reads only. Whoever asks how far a declaration rests on its end users' word asks here which texts their word must be about.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from certifications.ledger.canonical import canonical, sha256_hex

from .models import DeclarationVersion
from .queries import frozen_form, parties_of
from .rules_enduser import OwnText
from .texts import part_text


def own_texts(version: DeclarationVersion, form: tuple[str, str] | None = None, only: Collection[str] | None = None) -> list[OwnText]:
    """In the order of the text, the first end user first. `form` is (canonical JSON, SHA-256) of the version, where it was read before.

    With `only` the parts of these customers alone are made; those of the others are left empty, and match nothing that anybody said.
    """
    if version.kind == DeclarationVersion.Kind.STOCKIST:
        return []
    content, sha256 = form or frozen_form(version)
    first = version.declaration.customer_id
    text = json.loads(content)
    # By the text and not by the kind: whatever a draft's kind says, nobody is shown what names another end user.
    if "shares" not in text:
        return [OwnText(first, content, sha256)]
    users = [first, *(one.customer_id for one in parties_of(version) if one.role == "end_user")]
    return [_part(text, number, user) if only is None or user in only else OwnText(user, "", "") for number, user in enumerate(users)]


def _part(text: Mapping[str, Any], number: int, user: str) -> OwnText:
    part = canonical(part_text(text, number))
    return OwnText(user, part.decode(), sha256_hex(part))
