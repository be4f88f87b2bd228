"""Which mails say that something is done, and where they lead. Pure."""

import re

# Something is done, and nobody waits for the reader: what one must do stands in a list of its own.
FINISHED = (
    "attestation_issued", "attestation_status", "authorisation_changed", "authorisation_recorded", "declaration_refused", "end_user_confirmed",
    "letter_issued", "letter_refused", "letter_revoked", "nomination_refused", "objection_answered", "question_withdrawn", "statement_accepted",
    "upload_done",
)  # fmt: skip


def path_of(template: str, body: str, base_url: str) -> str:
    """The first address of the portal in the text of a mail that says what is done, without its host; empty for every other mail.

    Those have no one-time link: what is kept opens nothing by itself.
    """
    found = re.search(rf"^{re.escape(base_url)}(/[\w/.~-]*)", body, re.MULTILINE) if template in FINISHED else None
    return found[1][:300] if found else ""
