"""RECV: goods that a distributor says another one sent it, from somebody who had no right on record. Pure."""

from typing import Any

from django.utils.translation import gettext as _

from .base import Fired, ReceiptFacts, Severity, said

# Who may be one on the register, or sells there something or somewhere else, is asked about; of the others no right is known.
_LESSER = frozenset({"elsewhere", "unanswered"})


class Received:
    """A transfer has two distributors: whoever sent the goods needs a right for the line on the day, as known then."""

    id = "RECV"
    version = 1

    def evaluate(self, facts: ReceiptFacts) -> list[Fired]:
        if facts.seller.kind == "authorised":
            return []
        inputs = {
            "receiver": facts.receiver,
            "seller": facts.sender,
            "product": facts.product,
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
        }
        return [Fired(self.id, self.version, Severity.MEDIUM if facts.seller.kind in _LESSER else Severity.HIGH, inputs)]

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
        words = said(inputs)
        return f"{told % words} {sentences[str(inputs['standing'])] % words}"

    def clears(self) -> str:
        return _(
            "An authorisation of the sender for the product line, in force on the day and shown by a document from before it; or papers that name another sender."
        )
