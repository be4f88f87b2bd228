"""The word, the meaning and the icon of every status, in one table, so that no page words its own.

Knows the names of models and their values, not the models: a missing entry shows the bare value and fails a test.
"""

from django.utils.translation import gettext_lazy as _

from portal.word import Word as Word
from portal.words_card import CARD_FIELDS, CUSTOMER_PAPERS, QUESTION_KINDS, TIMELINE
from portal.words_declared import DECLARED
from portal.words_events import EVENTS, OUTCOMES, STAGES
from portal.words_names import NAMES
from portal.words_owners import OWNERS
from portal.words_people import PEOPLE
from portal.words_programme import PROGRAMME
from portal.words_tips import TIP_EVENTS, TIPS

# Amber means "waiting, and for what"; green only ever "shown to be so" (interface.md, mock-ups' README).
WORDS: dict[str, dict[str, Word]] = {
    **PEOPLE,
    **DECLARED,
    **TIPS,
    "declaration": {
        "draft": Word(_("Draft"), "", "sign"),
        "signed": Word(_("Signed, waiting for screening"), "wait", "clock"),
        "screening": Word(_("Waiting for screening"), "wait", "clock"),
        "review": Word(_("In review"), "wait", "scale"),
        "returned": Word(_("Returned, to be mended"), "note", "chat"),
        "ready": Word(_("Waiting for release"), "wait", "users"),
        "issuing": Word(_("Attestation in preparation"), "wait", "certificate"),
        "pending_timestamp": Word(_("Waiting for the timestamp"), "wait", "clock"),
        "attested": Word(_("Attested"), "ok", "check-circle"),
        "withdrawn": Word(_("Withdrawn"), "", "history"),
        "refused": Word(_("Refused"), "stop", "stop"),
        "expired": Word(_("Expired"), "", "history"),
        "superseded": Word(_("Superseded"), "", "history"),
    },
    "attestation": {
        "pending": Word(_("In preparation"), "wait", "clock"),
        "valid": Word(_("In force"), "ok", "check-circle"),
        "not_yet": Word(_("Not in force yet"), "wait", "clock"),
        "suspended": Word(_("Suspended"), "stop", "pause"),
        "superseded": Word(_("Superseded"), "", "history"),
        "revoked": Word(_("Revoked"), "stop", "stop"),
        "expired": Word(_("Expired"), "", "history"),
        "void": Word(_("Release taken back"), "", "history"),
    },
    "case": {
        "open": Word(_("Open"), "wait", "scale"),
        "question": Word(_("Paused, question open"), "wait", "pause"),
        "proposed": Word(_("Awaiting a second person"), "note", "users"),
        "closed": Word(_("Closed"), "", "check"),
    },
    "flag": {
        "open": Word(_("Open"), "wait", "flag"),
        "cleared": Word(_("Cleared"), "ok", "check"),
        "confirmed": Word(_("Confirmed"), "stop", "flag"),
        "closed": Word(_("Closed without a judgement"), "", "history"),
    },
    "severity": {
        "info": Word(_("Information"), "", "info"),
        "low": Word(_("Low"), "", "flag"),
        "medium": Word(_("Medium"), "wait", "flag"),
        "high": Word(_("High"), "stop", "flag"),
        "critical": Word(_("Critical"), "stop", "alert"),
    },
    "decision": {
        "proposed": Word(_("Proposed"), "note", "users"),
        "effective": Word(_("In effect"), "", "check"),
        "voided": Word(_("Voided"), "", "history"),
    },
    "statuschange": {
        "proposed": Word(_("Proposed"), "note", "users"),
        "effective": Word(_("In effect"), "", "check"),
        "voided": Word(_("Voided"), "", "history"),
    },
    "partyalias": {
        "proposed": Word(_("Proposed"), "note", "users"),
        "effective": Word(_("In effect"), "", "check"),
        "voided": Word(_("Voided"), "", "history"),
    },
    "catalogueproposal": {
        "proposed": Word(_("Proposed"), "note", "users"),
        "effective": Word(_("In effect"), "", "check"),
        "voided": Word(_("Voided"), "", "history"),
    },
    "register": {
        "authorised": Word(_("In force"), "ok", "check-circle"),
        "suspended": Word(_("Suspended"), "stop", "pause"),
        "stopped": Word(_("Stopped above"), "stop", "pause"),
        "not_yet": Word(_("Not yet in force"), "wait", "clock"),
        "ended": Word(_("Ended"), "", "history"),
        "revoked": Word(_("Revoked"), "stop", "stop"),
    },
    "nomination": {
        "open": Word(_("Terms are being accepted"), "wait", "sign"),
        "accepted": Word(_("Waiting for compliance"), "wait", "clock"),
        "approved": Word(_("Approved"), "ok", "check"),
        "refused": Word(_("Refused"), "stop", "stop"),
        "withdrawn": Word(_("Withdrawn"), "", "history"),
    },
    # The weakest first (declarations.rules_enduser.LEVELS): what a declaration rests on is a fact and no status.
    "assurance": {
        "distributor": Word(_("Distributor's statement alone"), "", "sign"),
        "link": Word(_("End user confirmed by one-time link"), "ok", "check-circle"),
        "paper": Word(_("End user's signed paper, checked"), "ok", "check-circle"),
    },
    # What the end user's last word was where it was no confirmation.
    "against": {
        "declined": Word(_("End user did not confirm"), "stop", "x-circle"),
        "questioned": Word(_("End user asks about an undertaking"), "wait", "question"),
    },
    "withdrawal": {
        "order": Word(_("The order was cancelled"), "", "history"),
        "mistake": Word(_("It was prepared by mistake"), "", "history"),
        "replaced": Word(_("Another declaration takes its place"), "", "history"),
        "end_user": Word(_("The end user does not want it"), "", "history"),
        "upload": Word(_("The upload that made it was taken back"), "", "history"),
        "other": Word(_("Another reason"), "", "history"),
    },
    "enduserrequest": {
        "open": Word(_("Waiting for the answer"), "wait", "clock"),
        "confirmed": Word(_("Confirmed"), "ok", "check-circle"),
        "declined": Word(_("Not confirmed"), "stop", "x-circle"),
        "questioned": Word(_("Question open"), "wait", "question"),
        "revoked": Word(_("Taken back"), "", "history"),
        "lapsed": Word(_("Ran out unanswered"), "wait", "clock"),
        "outdated": Word(_("Declaration changed since"), "", "history"),
    },
    "statementscan": {
        "filed": Word(_("Waiting for a second person"), "note", "users"),
        "accepted": Word(_("Accepted"), "ok", "check"),
        "refused": Word(_("Refused"), "stop", "x-circle"),
    },
    "authorisationto": {
        "suspended": Word(_("Suspended"), "stop", "pause"),
        "revoked": Word(_("Revoked"), "stop", "stop"),
        "authorised": Word(_("Suspension lifted"), "ok", "check"),
    },
    "authorisationchange": {
        "proposed": Word(_("Proposed"), "note", "users"),
        "effective": Word(_("In effect"), "", "check"),
        "voided": Word(_("Voided"), "", "history"),
    },
    "appointment": {
        "proposed": Word(_("Proposed"), "note", "users"),
        "effective": Word(_("Agreed"), "ok", "check"),
        "voided": Word(_("Withdrawn"), "", "history"),
    },
    "listexception": {
        "proposed": Word(_("Proposed"), "note", "users"),
        "effective": Word(_("In effect"), "", "check"),
        "voided": Word(_("Voided"), "", "history"),
    },
    "evidencedocument": {
        "captured": Word(_("Being read"), "wait", "clock"),
        "read": Word(_("Waiting for confirmation"), "note", "eye"),
        "unreadable": Word(_("Not readable, enter by hand"), "wait", "alert"),
        "nothing": Word(_("Nothing of ours in it"), "", "check"),
        "partly": Word(_("Confirmed in part"), "note", "eye"),
        "confirmed": Word(_("Confirmed"), "ok", "check"),
        "withdrawn": Word(_("Withdrawn"), "", "history"),
    },
    "sourcestanding": {
        "attested": Word(_("Source attested"), "ok", "check"),
        "file": Word(_("File without an address"), "wait", "file"),
        "unattested": Word(_("Source unattested"), "wait", "alert"),
    },
    "capturemethod": {
        "paste": Word(_("Pasted text"), "", "file"),
        "upload": Word(_("Uploaded file"), "", "file"),
        "api": Word(_("Sent by a program"), "", "file"),
        "folder": Word(_("Found in the watched folder"), "", "file"),
        "tip": Word(_("Written down from a tip"), "", "file"),
    },
    "orderline": {
        "held": Word(_("Held"), "wait", "pause"),
        "needs_declaration": Word(_("Needs a declaration"), "note", "file"),
        "released": Word(_("Released, reserved"), "ok", "check-circle"),
        "shipped": Word(_("Shipped"), "", "check"),
        "returned": Word(_("All came back"), "", "history"),
        "cancelled": Word(_("Cancelled"), "", "history"),
        "expired": Word(_("Expired, given back"), "", "history"),
    },
    "client": {"revoked": Word(_("Revoked"), "stop", "stop")},
    "webhook": {
        "live": Word(_("Told of changes"), "ok", "check-circle"),
        "failing": Word(_("Nothing arrives"), "wait", "alert"),
        "disabled": Word(_("Disabled"), "stop", "pause"),
    },
    "delivery": {
        "waiting": Word(_("Waiting"), "wait", "clock"),
        "arrived": Word(_("Arrived"), "ok", "check"),
        "given_up": Word(_("Given up"), "stop", "x-circle"),
    },
    "entry": {
        "declare": Word(_("Declared"), "", "sign"),
        "amend": Word(_("Amended"), "", "sign"),
        "reserve": Word(_("Reserved"), "", "clock"),
        "release": Word(_("Given back"), "", "history"),
        "expire": Word(_("Given back, validity over"), "", "history"),
        "ship": Word(_("Shipped"), "", "check"),
        "return": Word(_("Came back"), "", "history"),
    },
    "upload": {
        "received": Word(_("Being read"), "wait", "clock"),
        "unreadable": Word(_("Could not be read"), "stop", "x-circle"),
        "columns": Word(_("Columns to be given"), "note", "eye"),
        "checking": Word(_("Being checked"), "wait", "clock"),
        "checked": Word(_("Waiting for you"), "note", "eye"),
        "committing": Word(_("Being committed"), "wait", "clock"),
        "committed": Word(_("Committed"), "ok", "check"),
        "reverting": Word(_("Being taken back"), "wait", "clock"),
        "undoing": Word(_("Being taken back"), "wait", "clock"),
        "undone": Word(_("Taken back"), "", "history"),
        "cancelled": Word(_("Cancelled"), "", "history"),
    },
    "uploadrow": {
        "waiting": Word(_("Waiting"), "wait", "clock"),
        "ready": Word(_("Ready"), "ok", "check"),
        "attention": Word(_("Needs attention"), "wait", "alert"),
        "left_out": Word(_("Left out"), "", "missing"),
        "done": Word(_("Done"), "ok", "check"),
        "undone": Word(_("Taken back"), "", "history"),
        # What will be, or was, done with it.
        "create": Word(_("New"), "ok", "plus"),
        "update": Word(_("Change"), "note", "sign"),
        "skip": Word(_("Skip, nothing new"), "", "equal"),
    },
    "questionnaire": {
        "complete": Word(_("Complete"), "ok", "check"),
        "open": Word(_("Questions open"), "wait", "question"),
    },
    "party": {
        "clear": Word(_("Clear"), "ok", "shield"),
        "hit": Word(_("Possible match, in review"), "stop", "flag"),
        "waiting": Word(_("Waiting for screening"), "wait", "clock"),
        "stale": Word(_("Lists are old, waiting"), "wait", "clock"),
        "failed": Word(_("Screening failed, waiting"), "wait", "alert"),
    },
    "partykind": {
        "end_user": Word(_("End user"), "", "users"),
        "reseller": Word(_("Reseller"), "", "users"),
        "consignee": Word(_("Consignee or forwarder"), "", "users"),
        "distributor": Word(_("Distributor"), "", "users"),
        "manufacturer": Word(_("Manufacturer"), "", "users"),
        "owner": Word(_("Owner"), "", "users"),
    },
    "namekind": {
        "official": Word(_("Official name"), "", "info"),
        "english": Word(_("English name"), "", "info"),
        "former": Word(_("Former name"), "", "info"),
        "short": Word(_("Short name"), "", "info"),
        "alias": Word(_("Other name"), "", "info"),
    },
    # All that a distributor is told of its customer: no list, no score, and no difference between a finding and a wait.
    "customer": {
        "waiting": Word(_("Waiting for compliance"), "wait", "clock"),
    },
    "screeningrun": {
        "done": Word(_("Done"), "", "check"),
        "failed": Word(_("Failed"), "wait", "alert"),
    },
    "rescreening": {
        "running": Word(_("Running"), "note", "clock"),
        "done": Word(_("Done"), "", "check"),
        "cancelled": Word(_("Stopped by a person"), "wait", "pause"),
    },
    "listversion": {
        "accepted": Word(_("Accepted"), "ok", "check"),
        "refused": Word(_("Refused"), "stop", "x-circle"),
    },
    "list": {
        "fresh": Word(_("Fresh"), "ok", "check"),
        "old": Word(_("Old, blocks"), "wait", "clock"),
        "missing": Word(_("Missing, blocks"), "wait", "missing"),
    },
    "job": {
        "waiting": Word(_("Waiting"), "wait", "clock"),
        "done": Word(_("Done"), "", "check"),
        "needs_person": Word(_("Needs a person"), "stop", "alert"),
    },
    "mail": {
        "waiting": Word(_("Waiting"), "wait", "clock"),
        "sent": Word(_("Sent"), "", "check"),
        "failed": Word(_("Failed"), "stop", "alert"),
    },
    "health": {
        "ok": Word(_("Working"), "ok", "check-circle"),
        "wait": Word(_("Late"), "wait", "clock"),
        "stop": Word(_("Down"), "stop", "x-circle"),
    },
    "result": {
        "conflict": Word(_("Conflict"), "stop", "not-equal"),
        "similar": Word(_("Similar"), "wait", "similar"),
        "match": Word(_("Match"), "ok", "equal"),
        "missing": Word(_("Missing"), "", "missing"),
        # There is nothing on the register to compare with.
        "none": Word(_("No match"), "", "missing"),
    },
}

# A declaration as its distributor sees it: what is to be done, and what has become of the attestation.
WORDS["filing"] = {
    **WORDS["declaration"],
    **{word: WORDS["attestation"][word] for word in ("not_yet", "suspended", "revoked", "expired", "superseded")},
    "draft": Word(_("Awaiting signature"), "note", "sign"),
    "question": Word(_("Question open"), "wait", "question"),
}
WORDS["line"] = {
    "kits": Word(_("identification kits"), "", "box"),
    "analysers": Word(_("genetic analysers"), "", "box"),
    "consumables": Word(_("consumables"), "", "box"),
}
WORDS["letter"] = {
    "screening": Word(_("Being checked"), "wait", "clock"),
    "waiting": Word(_("Waiting for a decision"), "wait", "users"),
    "issuing": Word(_("In preparation"), "wait", "certificate"),
    "valid": Word(_("Holds"), "ok", "check-circle"),
    "suspended": Word(_("Suspended"), "stop", "pause"),
    "expired": Word(_("Over"), "", "history"),
    "revoked": Word(_("Revoked"), "stop", "stop"),
    "refused": Word(_("Not given"), "stop", "stop"),
    "withdrawn": Word(_("Withdrawn"), "", "history"),
}
WORDS["letterdecision"] = WORDS["decision"]
WORDS["letteroutcome"] = {
    "release": Word(_("Release the letter"), "ok", "check"),
    "refuse": Word(_("Do not give it"), "stop", "stop"),
    "revoke": Word(_("Revoke the letter"), "stop", "stop"),
}
WORDS["letterlanguage"] = {
    "both": Word(_("English and Chinese"), "", "globe"),
    "en": Word(_("English"), "", "globe"),
    "zh": Word(_("Chinese"), "", "globe"),
}
WORDS["letterrole"] = {
    "buyer": Word(_("buyer"), "", "users"),
    "other": Word(_("named in the tender"), "", "users"),
    "customer": Word(_("the distributor's customer of this name or number"), "", "users"),
}
# A hint and no finding: never red.
WORDS["letteraward"] = {
    "holder": Word(_("Names the holder"), "ok", "check"),
    "other": Word(_("Names another supplier"), "note", "info"),
    "withheld": Word(_("Supplier withheld"), "", "info"),
    "project": Word(_("same project number"), "", "info"),
    "goods": Word(_("same buyer and product"), "", "info"),
}
# What a policy asks for, the strictest first.
WORDS["policyeffect"] = {
    "refuse": Word(_("Refuse them"), "stop", "stop"),
    "two_people": Word(_("Two people decide"), "wait", "users"),
    "confirm": Word(_("A person decides"), "wait", "eye"),
    "assurance": Word(_("The end user's own word"), "note", "sign"),
    "owners": Word(_("That the end user's owners are known"), "wait", "users"),
}
# Kinds of end users, as their names say (matching.classify.CLASSES).
WORDS["enduserclass"] = {
    "police": Word(_("Public security"), "", "users"),
    "state_security": Word(_("State security"), "", "users"),
    "prison": Word(_("Prisons and detention"), "", "users"),
    "armed_police": Word(_("Armed police"), "", "users"),
    "xpcc": Word(_("Production and construction corps"), "", "users"),
    "political_legal": Word(_("Political and legal committees"), "", "users"),
    "forensic_institute": Word(_("Forensic institutes"), "", "users"),
    "police_academy": Word(_("Police academies"), "", "users"),
    "procuratorate": Word(_("Procuratorates"), "", "users"),
    "court": Word(_("Courts"), "", "users"),
    "justice": Word(_("Justice departments and bureaux"), "", "users"),
    "fire_service": Word(_("Fire service"), "", "users"),
    "disease_control": Word(_("Disease control"), "", "users"),
    "hospital": Word(_("Hospitals"), "", "users"),
    "university": Word(_("Universities"), "", "users"),
    "government": Word(_("Other public bodies"), "", "users"),
    "company": Word(_("Companies"), "", "users"),
    "unknown": Word(_("Names that say no kind"), "", "users"),
}
WORDS["ending"] = {
    "right": Word(_("Authorisation"), "", "clock"),
    "part": Word(_("Part of an authorisation"), "", "clock"),
    "paper": Word(_("Paper"), "", "file"),
    "training": Word(_("Training"), "", "users"),
}
WORDS |= {group: {code: Word(*told) for code, told in words.items()} for group, words in (NAMES | OWNERS | PROGRAMME).items()}
WORDS["customerpaper"] = {kind: Word(text, "", "file") for kind, text in CUSTOMER_PAPERS.items()}
WORDS["cardfield"] = {field: Word(text, "", "info") for field, text in CARD_FIELDS.items()}
WORDS["questionkind"] = {kind: Word(text, "", "question") for kind, text in QUESTION_KINDS.items()}
WORDS["timeline"] = {kind: Word(text, "", "history") for kind, text in TIMELINE.items()}
WORDS["unit"] |= WORDS["movement"]
WORDS["programmestart"] = WORDS["decision"]
WORDS["event"] = {verb: Word(text, "", "history") for verb, text in {**EVENTS, **TIP_EVENTS}.items()}
WORDS["stage"] = {stage: Word(text, "", "file") for stage, text in STAGES.items()}
WORDS["outcome"] = {outcome: Word(text, "", "check") for outcome, text in OUTCOMES.items()}


def word_for(group: str, value: str) -> Word:
    """The word of a value; an unknown value shows itself, plainly, rather than nothing."""
    return WORDS.get(group, {}).get(value) or Word(value.replace("_", " "), "", "info")
