"""The rules about a party itself: a hit, one that was not screened, a concern confirmed elsewhere. Pure; fail closed."""

from typing import Any

from django.utils.translation import gettext as _

from .base import DeclarationFacts, Fired, ScreeningFacts, Severity

# "listed" of owners alone: found, and confirmed by people.
SCREENED = frozenset({"clear", "hit", "listed"})


class ScreeningHit:
    """A name of a party matches an entry of a list in force."""

    id = "LIST"
    version = 1

    def evaluate(self, facts: DeclarationFacts) -> list[Fired]:
        return [hit for party in facts.parties for hit in self.fire(party)]

    def fire(self, party: ScreeningFacts) -> list[Fired]:
        """One flag per undecided finding on a party, whether or not a declaration is at hand."""
        return [
            Fired(
                self.id,
                self.version,
                Severity.CRITICAL if finding["band"] == "hold" else Severity.HIGH,
                {"party": party.name, "party_id": party.party_id, "role": party.role, **finding},
                {"hold": "0.85", "review": "0.70"},
            )
            for finding in party.findings
        ]

    def title(self) -> str:
        return _("Likeness to a listed party")

    def explain(self, inputs: dict[str, Any]) -> str:
        return _("%(party)s is like %(entry_name)s on %(list_title)s: %(score)s, from 0.70 a person looks.") % inputs

    def clears(self) -> str:
        return _("A key that differs: registration number, address or kind of body. A likeness of names is not identity.")


class Unscreened:
    """A party was not screened, or not against every list in force, fresh and complete."""

    id = "UNSC"
    version = 1

    def evaluate(self, facts: DeclarationFacts) -> list[Fired]:
        return [
            Fired(
                self.id,
                self.version,
                Severity.HIGH,
                {"party": party.name, "party_id": party.party_id, "state": party.state, "reasons": list(party.reasons)},
            )
            for party in (*facts.parties, *facts.owners)
            if party.state not in SCREENED
        ]

    def title(self) -> str:
        return _("Not screened")

    def explain(self, inputs: dict[str, Any]) -> str:
        return _("%(party)s waits for screening; until it is screened against every list in force nothing is issued.") % inputs

    def clears(self) -> str:
        return _("A completed screening against every list in force. It clears itself when that is done.")


class Held:
    """Knowledge binds: people confirmed a concern about the party in another case (product.md, 'refuse' 11)."""

    id = "HELD"
    version = 1

    def evaluate(self, facts: DeclarationFacts) -> list[Fired]:
        return [
            Fired(
                self.id,
                self.version,
                Severity.HIGH,
                {"party": party.name, "party_id": party.party_id, "cases": ", ".join(party.concerns)},
            )
            for party in facts.parties
            if party.concerns
        ]

    def title(self) -> str:
        return _("A concern was confirmed elsewhere")

    def explain(self, inputs: dict[str, Any]) -> str:
        return _("A concern about %(party)s was confirmed in %(cases)s; until that is lifted nothing is issued.") % inputs

    def clears(self) -> str:
        return _("Two people clear the concern in the case that confirmed it, after reopening it. This flag then clears itself.")
