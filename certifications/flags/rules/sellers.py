"""S01 to S04 and L01: the seller against the register, and the sale against the declarations. Pure."""

from typing import Any

from django.utils.translation import gettext as _

from .base import DeclarationFacts, Fired, LineFacts, Severity, said


class S01:
    """Never registered: as known, no party of the register matches the seller that the notice names."""

    id = "S01"
    version = 1

    def evaluate(self, facts: LineFacts) -> list[Fired]:
        if facts.seller_withheld or facts.seller is None or facts.seller.kind != "never":
            return []
        inputs = {
            "seller": facts.seller_name,
            "buyer": facts.buyer.name,
            "product": facts.product,
            "date": facts.happened_on.isoformat(),
            "source": facts.source,
            "best": facts.seller.best_name,
            "score": facts.seller.score,
        }
        return [Fired(self.id, self.version, Severity.HIGH, inputs)]

    def title(self) -> str:
        return _("Seller not on the register")

    def explain(self, inputs: dict[str, Any]) -> str:
        if inputs.get("best"):
            return _(
                "The notice names %(seller)s as supplier of %(product)s to %(buyer)s on %(date)s. No match found on "
                "the register for %(seller)s; the nearest name is %(best)s (%(score)s)."
            ) % said(inputs)
        return _(
            "The notice names %(seller)s as supplier of %(product)s to %(buyer)s on %(date)s. No match found on the "
            "register for %(seller)s."
        ) % said(inputs)

    def clears(self) -> str:
        return _(
            "A registered party that this name belongs to, shown by a document; or proof that the notice names the "
            "supplier wrongly. That the name is not on the register never closes this flag."
        )


class S02:
    """Registered, but for another territory or product line."""

    id = "S02"
    version = 1

    def evaluate(self, facts: LineFacts | DeclarationFacts) -> list[Fired]:
        if facts.seller is None or facts.seller.kind != "elsewhere":
            return []
        inputs = {
            "seller": facts.seller_name,
            "buyer": facts.buyer.name,
            "product": facts.product,
            "date": facts.happened_on.isoformat(),
            "territory": facts.seller.territory,
        }
        return [Fired(self.id, self.version, Severity.MEDIUM, inputs)]

    def title(self) -> str:
        return _("Outside the authorised territory")

    def explain(self, inputs: dict[str, Any]) -> str:
        return _("%(seller)s is authorised for %(territory)s; %(product)s for %(buyer)s on %(date)s lies outside that.") % said(inputs)

    def clears(self) -> str:
        return _("An authorisation in force on the date for this territory and product, recorded before it.")


class S03:
    """Registered, with no valid interval on the date as known then. A later entry goes to review: back-dating launders."""

    id = "S03"
    version = 1

    def evaluate(self, facts: LineFacts | DeclarationFacts) -> list[Fired]:
        standing = {"lapsed", "suspended", "revoked", "entered_later"}
        if isinstance(facts, DeclarationFacts):
            # A declaration needs an authorised distributor; "never" is a lapse of it, not an unknown seller.
            standing = standing | {"never"}
        if facts.seller is None or facts.seller.kind not in standing:
            return []
        inputs = {
            "seller": facts.seller_name,
            "date": facts.happened_on.isoformat(),
            "standing": facts.seller.kind,
            "valid_from": facts.seller.valid_from,
            "valid_until": facts.seller.valid_until,
            "recorded_at": facts.seller.recorded_at,
        }
        return [Fired(self.id, self.version, Severity.HIGH, inputs)]

    def title(self) -> str:
        return _("No authorisation in force on the date")

    def explain(self, inputs: dict[str, Any]) -> str:
        sentences = {
            "lapsed": _("%(seller)s had no authorisation in force on %(date)s; the nearest ran from %(valid_from)s to %(valid_until)s."),
            "suspended": _("The authorisation of %(seller)s was suspended on %(date)s."),
            "revoked": _("The authorisation of %(seller)s had been revoked on %(date)s."),
            "entered_later": _("An authorisation of %(seller)s covers %(date)s, but it was recorded on %(recorded_at)s, after the event."),
            "never": _("%(seller)s had no authorisation on record for %(date)s."),
        }
        return sentences[str(inputs["standing"])] % said(inputs)

    def clears(self) -> str:
        return _("A contract or letter from before the date, seen by a person, that shows the authorisation was in force.")


class S04:
    """A registered seller, our product, and no cleared declaration that covers the sale."""

    id = "S04"
    version = 1

    def evaluate(self, facts: LineFacts) -> list[Fired]:
        if facts.seller is None or facts.seller.kind in {"never", "unanswered"} or not facts.catalogue_number:
            return []
        if facts.covering_declarations:
            return []
        inputs = {
            "seller": facts.seller_name,
            "buyer": facts.buyer.name,
            "product": facts.product,
            "quantity": str(facts.quantity) if facts.quantity is not None else "",
            "date": facts.happened_on.isoformat(),
        }
        if facts.old_certificates:
            inputs["certificates"] = ", ".join(facts.old_certificates)
        return [Fired(self.id, self.version, Severity.HIGH, inputs)]

    def title(self) -> str:
        return _("No declaration found for the sale")

    def explain(self, inputs: dict[str, Any]) -> str:
        if inputs.get("quantity"):
            sentence = _("No cleared end-use declaration covers %(quantity)s x %(product)s from %(seller)s for %(buyer)s on %(date)s.")
        else:
            sentence = _("No cleared end-use declaration covers %(product)s from %(seller)s for %(buyer)s on %(date)s.")
        if not inputs.get("certificates"):
            return sentence % said(inputs)
        kept = _("An earlier certificate, which nobody here attested, names them: %(certificates)s.")
        return f"{sentence % said(inputs)} {kept % inputs}"

    def clears(self) -> str:
        return _("The declaration under which the goods were sold, in force on the date, for this buyer and product.")


class L01:
    """A name like that of a registered seller, and nobody has said yet whether it is that one.

    Medium and never nothing: the answer makes it S01 or what the register says of the party; without one it stays open and is due.
    """

    id = "L01"
    version = 1

    def evaluate(self, facts: LineFacts) -> list[Fired]:
        if facts.seller_withheld or facts.seller is None or facts.seller.kind != "unanswered":
            return []
        inputs = {
            "seller": facts.seller_name,
            "best": facts.seller.best_name,
            "score": facts.seller.score,
            "product": facts.product,
            "buyer": facts.buyer.name,
            "date": facts.happened_on.isoformat(),
        }
        return [Fired(self.id, self.version, Severity.MEDIUM, inputs)]

    def title(self) -> str:
        return _("Seller like one on the register")

    def explain(self, inputs: dict[str, Any]) -> str:
        return _(
            "The notice names %(seller)s as supplier of %(product)s to %(buyer)s on %(date)s. It is like %(best)s on the register"
            " (%(score)s), and nobody has said yet whether it is the same."
        ) % said(inputs)

    def clears(self) -> str:
        return _("An answer to whether the name means the registered party. The rules are asked again by it, and this flag goes.")
