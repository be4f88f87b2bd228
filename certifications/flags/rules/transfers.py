"""RECV: goods that a distributor says another one sent it, from somebody who had no right on record. Pure."""

from typing import Any

from django.utils.translation import gettext as _

from .base import Fired, ReceiptFacts, SellerFacts, Severity, said

# Who may be one on the register, or sells there something or somewhere else, is asked about; of the others no right is known.
_LESSER = frozenset({"elsewhere", "unanswered"})


def asks_for_the_other_half(seller: SellerFacts) -> bool:
    """Whether it matters who else than the receiver says so: a firm on the register is not held on another firm's word alone."""
    return bool(seller.party_id) and seller.kind != "authorised" and seller.kind not in _LESSER


class Received:
    """A transfer has two distributors: whoever sent the goods needs a right for the line on the day and there, as known then."""

    id = "RECV"
    # 2: one firm's word alone about a firm on the register is medium; the place where the goods were received counts.
    version = 2

    def evaluate(self, facts: ReceiptFacts) -> list[Fired]:
        if facts.seller.kind == "authorised":
            return []
        shown = (facts.shown or "receiver") if asks_for_the_other_half(facts.seller) else ""
        inputs = {
            "receiver": facts.receiver,
            "seller": facts.sender,
            "product": facts.product,
            "product_id": facts.product_id,
            "quantity": format(facts.quantity.normalize(), "f"),
            "date": facts.happened_on.isoformat(),
            "month": facts.month,
            "source": facts.source,
            "standing": facts.seller.kind,
            "best": facts.seller.best_name,
            "score": facts.seller.score,
            "territory": facts.seller.territory,
            "valid_from": facts.seller.valid_from,
            "valid_until": facts.seller.valid_until,
            "recorded_at": facts.seller.recorded_at,
            "divisions": list(facts.divisions),
            "place_known_by": facts.place_known_by or "unknown",
            "shown": shown,
        }
        lesser = facts.seller.kind in _LESSER or shown == "receiver"
        return [Fired(self.id, self.version, Severity.MEDIUM if lesser else Severity.HIGH, inputs)]

    def title(self) -> str:
        return _("Received from a firm without an authorisation on record")

    def explain(self, inputs: dict[str, Any]) -> str:
        told = _("In its report for %(month)s, %(receiver)s names %(seller)s as sender of %(quantity)s x %(product)s, first on %(date)s.")
        sentences = {
            "never": _("No match found on the register for %(seller)s."),
            "unanswered": _("The name is like %(best)s on the register (%(score)s), and nobody has said yet whether it is the same."),
            "elsewhere": _("%(seller)s is authorised for %(territory)s, and not for this."),
            "lapsed": _("%(seller)s had no authorisation in force on that day; the nearest ran from %(valid_from)s to %(valid_until)s."),
            "suspended": _("The authorisation of %(seller)s was suspended on that day."),
            "revoked": _("The authorisation of %(seller)s had been revoked by that day."),
            "entered_later": _("An authorisation of %(seller)s covers that day, but it was recorded on %(recorded_at)s, after it."),
        }
        # Of flags from before these were asked nothing is said.
        more = {
            "receiver": _("Only %(receiver)s says so."),
            "sender": _("%(seller)s reports that it sent such goods to %(receiver)s."),
            "shipment": _("The manufacturer had shipped this unit to %(seller)s."),
        }
        words = said(inputs)
        parts = [told, sentences[str(inputs["standing"])], more.get(str(inputs.get("shown", "")), "")]
        if inputs.get("place_known_by") == "unknown" and inputs["standing"] == "elsewhere":
            parts.append(
                _(
                    "Where in the country %(receiver)s receives goods is not on record; a right for some divisions alone does not show that it holds there."
                )
            )
        return " ".join(sentence % words for sentence in parts if sentence)

    def clears(self) -> str:
        return _(
            "An authorisation of the sender for the product line, in force on the day and shown by a document from before it; or papers that name another sender."
        )
