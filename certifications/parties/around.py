"""What stands around the parties of an order, in one statement: who is one entity, who has owners on record, what the seller may sell.

Written by hand because an order check is asked a hundred times a second (`./dev bench orders`). The rows are those of linked.linked,
owners.holding_on and Register.known; what they mean is decided where it always is.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import connection

from certifications.ledger.rows import from_row, listed

from .linked import joined, with_entities
from .models import Party
from .models_register import Authorisation, AuthorisationChange, AuthorisationTerms
from .register import Entry, as_of

_SQL = """
WITH RECURSIVE newest AS (
  SELECT DISTINCT ON (left_id, right_id) left_id, right_id, answer FROM certifications_identityanswer
  WHERE state = 'effective' ORDER BY left_id, right_id, id DESC
), same AS (
  SELECT left_id, right_id FROM newest WHERE answer = 'same'
), reached(id) AS (
  SELECT unnest(%(parties)s::text[])
  UNION SELECT (CASE WHEN s.left_id = r.id THEN s.right_id ELSE s.left_id END)::text
        FROM reached r JOIN same s ON r.id IN (s.left_id, s.right_id)
), tier(id, parent_id) AS (
  SELECT id, parent_id FROM certifications_authorisation WHERE party_id = %(seller)s
  UNION SELECT a.id, a.parent_id FROM tier t JOIN certifications_authorisation a ON a.id = t.parent_id
)
SELECT
  (SELECT json_agg(json_build_array(left_id, right_id)) FROM same),
  (SELECT json_agg(DISTINCT o.party_id) FROM reached r JOIN certifications_ownership o ON o.party_id = r.id
   WHERE (o.ended_at IS NULL OR o.held) AND o.valid_from <= %(today)s AND (o.valid_until IS NULL OR o.valid_until > %(today)s)),
  (SELECT json_agg(json_build_array(row_to_json(t), row_to_json(a)))
   FROM tier JOIN certifications_authorisation a ON a.id = tier.id JOIN certifications_authorisationterms t ON t.authorisation_id = a.id
   WHERE NOT EXISTS (SELECT FROM certifications_authorisationterms later WHERE later.supersedes_id = t.id)),
  (SELECT json_agg(row_to_json(c) ORDER BY c.agreed_at, c.id) FROM tier JOIN certifications_authorisationchange c ON c.authorisation_id = tier.id
   WHERE c.state = 'effective' AND c.holds_from <= %(valid_on)s)
"""


@dataclass(frozen=True)
class Around:
    """`together`: as linked.linked gives it. `rights`: what the seller holds or held, as Register.of gives it, in no order.

    `owned`: of the parties and whoever is one entity with them, those that have an owner on record today, known or not.
    """

    together: dict[str, frozenset[str]]
    owned: frozenset[str]
    rights: list[Entry]

    def may_have_owners(self, party_ids: Iterable[str]) -> bool:
        """Whether anybody stands above one of the parties: those that were asked about alone."""
        return not self.owned.isdisjoint(with_entities(party_ids, self.together))


def around(parties: Collection[str], *, seller: Party | None, today: dt.date, valid_on: dt.date) -> Around:
    """Read for these parties: links and owners as of `today`, the rights of the seller (none without one) for the day `valid_on`."""
    values = {"parties": list(parties), "seller": seller.pk if seller else None, "today": today, "valid_on": valid_on}
    with connection.cursor() as cursor:
        cursor.execute(_SQL, values)
        same, owned, rights, changes = map(listed, cursor.fetchone())
    held = []
    for row, authorisation in rights:
        terms = from_row(AuthorisationTerms, row)
        terms.authorisation = from_row(Authorisation, authorisation)
        held.append(terms)
    own = [terms for terms in held if seller is not None and terms.authorisation.party_id == seller.pk]
    above = [terms for terms in held if terms not in own]
    changed = [from_row(AuthorisationChange, row) for row in changes]
    return Around(joined(same), frozenset(owned), as_of(valid_on).judged(own, above=above, changes=changed))
