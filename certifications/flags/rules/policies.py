"""POLR, POL2, POLC: what the manufacturer's policies ask of a declaration. Pure; one flag for each policy."""

from typing import Any

from django.utils.translation import gettext as _

from .base import DeclarationFacts, Fired, Severity


class _Asked:
    """A policy of one effect."""

    id: str
    version = 1
    effect: str
    severity: Severity

    def evaluate(self, facts: DeclarationFacts) -> list[Fired]:
        return [
            Fired(
                self.id,
                self.version,
                self.severity,
                {"policy": policy.number, "policy_title": policy.title, "buyer": facts.buyer.name, "version": facts.version},
            )
            for policy in facts.policies
            if policy.effect == self.effect
        ]


class Refused(_Asked):
    """A policy refuses such declarations. No decision lifts it: only the policy's end does, by two people."""

    id = "POLR"
    effect = "refuse"
    severity = Severity.CRITICAL

    def title(self) -> str:
        return _("A policy refuses this")

    def explain(self, inputs: dict[str, Any]) -> str:
        return _("%(policy)s: %(policy_title)s. It refuses declarations such as this one.") % inputs

    def clears(self) -> str:
        return _("The end of the policy, by two people; the flag then clears itself.")


class TwoPeople(_Asked):
    """A policy asks that two people decide."""

    id = "POL2"
    effect = "two_people"
    severity = Severity.HIGH

    def title(self) -> str:
        return _("A policy asks for two people")

    def explain(self, inputs: dict[str, Any]) -> str:
        return _("%(policy)s: %(policy_title)s. Two people look at the declaration before it may be released.") % inputs

    def clears(self) -> str:
        return _("Two people who looked at the declaration and say why it may go on.")


class OnePerson(_Asked):
    """A policy asks that a person looks, whatever else was found."""

    id = "POLC"
    effect = "confirm"
    severity = Severity.MEDIUM

    def title(self) -> str:
        return _("A policy asks for a person")

    def explain(self, inputs: dict[str, Any]) -> str:
        return _("%(policy)s: %(policy_title)s. A person looks at the declaration before it may be released.") % inputs

    def clears(self) -> str:
        return _("A person who looked at the declaration and says why it may go on.")
