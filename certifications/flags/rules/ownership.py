"""OWN5, OWNL, OWNU: who owns a party. Reached by a rule of the day, a listed owner that no rule reaches by, and owners not known. Pure."""

from typing import Any

from django.utils.translation import gettext as _

from .base import DeclarationFacts, Fired, OwnedFacts, Severity, said


def _inputs(owned: OwnedFacts, **more: Any) -> dict[str, Any]:
    return {
        "party": owned.name,
        "party_id": owned.party_id,
        "role": owned.role,
        "date": owned.date.isoformat(),
        "owners": [{"name": name, "share": share, "entry": entry} for name, share, entry in owned.listed],
        "holding": owned.holding,
        **more,
    }


def _listed(inputs: dict[str, Any]) -> str:
    """The listed owners with their shares, as a sentence names them."""
    return "; ".join(
        _("%(name)s (confirmed as %(entry)s): %(share)s") % {**one, "share": f"{one['share']} %" if one["share"] else _("share not known")}
        for one in inputs["owners"]
    )


class Reached:
    """Listed owners hold as much as a rule in force on the day asks: the party counts as listed itself."""

    id = "OWN5"
    version = 1

    def evaluate(self, facts: DeclarationFacts) -> list[Fired]:
        return [hit for owned in facts.owned for hit in self.fire(owned)]

    def fire(self, owned: OwnedFacts) -> list[Fired]:
        """One flag for each rule that reaches the party, whether or not a declaration is at hand."""
        return [
            Fired(
                self.id,
                self.version,
                Severity.CRITICAL,
                _inputs(
                    owned,
                    rule=rule.number,
                    rule_name=rule.name,
                    authority=rule.authority,
                    valid_from=rule.valid_from.isoformat(),
                    valid_until=rule.valid_until.isoformat() if rule.valid_until else "",
                    low=rule.low,
                ),
                {"threshold": rule.threshold},
            )
            for rule in owned.rules
            if rule.is_reached
        ]

    def title(self) -> str:
        return _("Owned by listed parties")

    def explain(self, inputs: dict[str, Any]) -> str:
        words = {**said(inputs), "listed": _listed(inputs)}
        if inputs["valid_until"]:
            return (
                _(
                    "On %(date)s owners that are listed hold %(low)s %% of %(party)s by %(rule_name)s (%(rule)s, in force from %(valid_from)s "
                    "to before %(valid_until)s): %(listed)s."
                )
                % words
            )
        return (
            _(
                "On %(date)s owners that are listed hold %(low)s %% of %(party)s by %(rule_name)s (%(rule)s, in force from %(valid_from)s): "
                "%(listed)s."
            )
            % words
        )

    def clears(self) -> str:
        return _("Proof that the shares are otherwise, or a licence that names this party.")


class ListedOwner:
    """An owner was confirmed as listed, and no rule in force reaches the party by it: a share that is small, or not known."""

    id = "OWNL"
    version = 1

    def evaluate(self, facts: DeclarationFacts) -> list[Fired]:
        return [hit for owned in facts.owned for hit in self.fire(owned)]

    def fire(self, owned: OwnedFacts) -> list[Fired]:
        """One flag for all its listed owners."""
        if not owned.listed or any(rule.is_reached for rule in owned.rules):
            return []
        checked = [{"rule": r.number, "name": r.name, "low": r.low, "threshold": r.threshold} for r in owned.rules]
        return [Fired(self.id, self.version, Severity.HIGH, _inputs(owned, rules=checked))]

    def title(self) -> str:
        return _("A listed owner")

    def explain(self, inputs: dict[str, Any]) -> str:
        words = {**said(inputs), "listed": _listed(inputs)}
        return (
            _("%(party)s has an owner that is listed, and no rule in force on %(date)s counts it as listed for that: %(listed)s.") % words
        )

    def clears(self) -> str:
        return _("Two people who looked at the share and its influence and say why it may go on.")


# Whose owners a policy may ask for: whoever the goods are for, the distributor where they are for its stock.
OWNERS_KNOWN = ("end_user", "stockist")


class OwnersNotKnown:
    """A policy asks that owners are known, and what is not known could reach the threshold of a rule."""

    id = "OWNU"
    version = 1

    def evaluate(self, facts: DeclarationFacts) -> list[Fired]:
        return [
            Fired(
                self.id,
                self.version,
                Severity.HIGH,
                _inputs(
                    owned,
                    policy=policy.number,
                    policy_title=policy.title,
                    known=owned.known,
                    high=max((rule.high for rule in owned.rules), key=float, default="100"),
                    version=facts.version,
                ),
            )
            for policy in facts.policies
            if policy.effect == "owners"
            for owned in facts.owned
            if owned.role in OWNERS_KNOWN and owned.is_open
        ]

    def title(self) -> str:
        return _("Owners not known")

    def explain(self, inputs: dict[str, Any]) -> str:
        return (
            _("%(policy)s asks that the owners of %(party)s are known; on %(date)s what is not known comes to %(high)s %% of it.")
            % said(inputs)
        )  # fmt: skip

    def clears(self) -> str:
        return _("Owners stated with their source up to persons or public bodies; or two people who say why it may go on without.")
