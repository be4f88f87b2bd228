"""Our own data file of the 26 Entity List rows of the seed case, with Federal Register citations."""

import json

from django.utils.translation import gettext as _

from .base import ListData, ListUnreadable, RawEntry


def read_entity_list(content: bytes) -> ListData:
    """Entries of screening/data/entity_list.json, their unofficial Chinese names among the names."""
    try:
        data = json.loads(content)
        policies = data.get("licence_policies", {})
        rows = data["entities"]
        entries = tuple(
            RawEntry(
                entry_id=row["id"],
                schema=row.get("schema", "Organization"),
                name=row["name"],
                names=(row["name"], *row.get("aliases", ()), *_several(row.get("zh_unofficial"))),
                programme="Entity List",
                citation="; ".join(_several(row.get("citations"))),
                requirement=row.get("licence_requirement", ""),
                policy=policies.get(row.get("licence_policy", ""), row.get("licence_policy", "")),
            )
            for row in rows
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ListUnreadable(_("The entity list file is damaged: %(e)s.") % {"e": type(error).__name__}) from error
    return ListData(entries)


def _several(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, list):
        return tuple(str(part) for part in value)
    return ()
