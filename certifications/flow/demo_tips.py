"""The demonstration's tips: one reader, one tip with a question that waits for its answer. Nobody is named in it."""

from certifications.ledger.ids import new_ulid
from certifications.people import tip_readers
from certifications.people.models import User
from certifications.tips import actions
from certifications.tips.rules import TipData, receipt_code

from .demo_register import proof_of

TOLD = TipData(
    what="At a trade fair a firm offered identification kits from stock, for delivery anywhere. It is no distributor that I know of.",
    place="A trade fair in Chengdu",
    seen_when="Spring 2026",
    product="CI-2440-100, lot 24C117 on the box",
    seller="成都锦屏仪器商行",
)


def load(people: dict[str, User]) -> None:
    """By the actions that people use; the receipt code is thrown away."""
    reader = people["second_reviewer"]
    words = {"reader": reader.pk, "explanation": "Looks into what comes from outside the channel."}
    proof = proof_of(people["reviewer"], tip_readers.reader_digest(**words))
    held = tip_readers.propose(by=people["reviewer"], proof=proof, **words)
    tip_readers.agree(held=held, by=people["lead"], proof=proof_of(people["lead"], held.digest))
    tip = actions.receive(data=TOLD, files=[], code=receipt_code(new_ulid(), TOLD, []))
    actions.ask(tip=tip, by=reader, text="Was there a date of expiry on the box?")
