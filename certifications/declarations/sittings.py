"""Many declarations signed in one sitting: one factor for exactly the set that was read, and all of it is signed or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certifications.ledger.moves import NotAllowed, move_many
from certifications.people.models import FactorProof, User
from certifications.people.powers import Powers, powers_of, printed

from .actions import check_role, check_text, check_ticks, keep_places, lock_customers
from .assurance import each_heard
from .in_force import InForce
from .models import Declaration, DeclarationVersion, FrozenText, Signature
from .own_texts import own_texts
from .queries import frozen_form, version_of, with_texts
from .rules import MOST_AT_ONCE, sitting_digest
from .rules_enduser import together


@dataclass(frozen=True)
class Shown:
    """A declaration by its number, and the SHA-256 of the text that was read."""

    number: str
    sha256: str


@dataclass(frozen=True)
class Ready:
    """A declaration of the set as it stands now, and what will be frozen."""

    declaration: Declaration
    version: DeclarationVersion
    canonical: str
    sha256: str
    under: dict[str, str]  # the delegation that covers it, as it is kept beside the signature


class SetRefused(NotAllowed):
    """Nothing was signed; `problems` are (number, sentence), one for each declaration that keeps the set back."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        n = len(problems)
        super().__init__(
            ngettext(
                "Nothing was signed: %(n)d declaration is not what you read, or cannot be signed.",
                "Nothing was signed: %(n)d declarations are not what you read, or cannot be signed.",
                n,
            )
            % {"n": n},
            "set",
        )
        self.problems = tuple(problems)


def in_force_for(declarations: Iterable[Declaration]) -> InForce:
    """What is in force today for declarations read by `with_texts`."""
    return InForce.today(line.product_id for declaration in declarations for line in version_of(declaration).lines.all())


def check_sitting(*, by: User, shown: Sequence[Shown], accepted: Mapping[str, set[int]], role_title: str) -> list[Ready]:
    """The set as it stands, or NotAllowed: `nothing`, `many`, SetRefused (names each declaration), `clauses`, `role_title`.

    `accepted` are the ticked undertakings of each clause set, by its id: identical sets are ticked once.
    """
    found = with_texts(Declaration.objects.filter(number__in=[one.number for one in shown], organisation=by.organisation))
    powers = powers_of(by)
    return _check({row.number: row for row in found}, by=by, shown=shown, accepted=accepted, role_title=role_title, powers=powers)


def _check(
    found: Mapping[str, Declaration],
    *,
    by: User,
    shown: Sequence[Shown],
    accepted: Mapping[str, set[int]],
    role_title: str,
    powers: Powers,
) -> list[Ready]:
    if not shown:
        raise NotAllowed(_("Choose at least one declaration to sign."), "nothing")
    if len(shown) > MOST_AT_ONCE:
        raise NotAllowed(_("Sign at most %(n)d declarations in one sitting.") % {"n": MOST_AT_ONCE}, "many")
    if len({one.number for one in shown}) != len(shown):
        raise NotAllowed(_("A declaration stands in the set twice; choose again."), "nothing")
    # Composed once: what is asked about, checked and frozen is one text.
    forms = {row.pk: frozen_form(version_of(row)) for row in found.values()}
    heard = each_heard({row.pk: own_texts(version_of(row), forms[row.pk]) for row in found.values()})
    today = in_force_for(found.values())
    problems: list[tuple[str, str]] = []
    ready: list[Ready] = []
    for one in shown:
        declaration = found.get(one.number)
        if declaration is None:
            problems.append((one.number, _("There is no such declaration.")))
            continue
        try:
            said = together(heard[declaration.pk])
            under = check_text(declaration=declaration, by=by, sha256=one.sha256, heard=said, powers=powers, today=today)
        except NotAllowed as refusal:
            problems.append((one.number, str(refusal)))
        else:
            ready.append(Ready(declaration, version_of(declaration), *forms[declaration.pk], printed(under)))
    if problems:
        raise SetRefused(problems)
    for clause_set in {row.version.clause_set_id: row.version.clause_set for row in ready}.values():
        check_ticks(clause_set=clause_set, accepted=accepted.get(clause_set.pk, set()))
    check_role(role_title)
    return ready


@transaction.atomic
def sign_sitting(
    *, by: User, shown: Sequence[Shown], accepted: Mapping[str, set[int]], role_title: str, proof: FactorProof
) -> list[Declaration]:
    """Freeze and sign every text of the set under row locks, or none. Raises as check_sitting, and NotAllowed (digest)."""
    numbers = [one.number for one in shown]
    # In one order for everybody: two sittings with overlapping sets wait for one another and never for ever.
    held = Declaration.objects.select_for_update().filter(number__in=numbers, organisation=by.organisation).order_by("pk")
    locked = {row.pk: row for row in held}
    # As in `sign`: what is frozen is the customer that is screened.
    lock_customers(locked.values())
    found = {row.number: row for row in with_texts(Declaration.objects.filter(pk__in=locked))}
    powers = powers_of(by, lock=True)
    ready = _check(found, by=by, shown=shown, accepted=accepted, role_title=role_title, powers=powers)
    if proof.user_id != by.pk or proof.digest != sitting_digest([row.sha256 for row in ready]):
        raise NotAllowed(_("The second factor was given for another set of texts."), "digest")
    keep_places(row.version for row in ready)
    FrozenText.objects.bulk_create(FrozenText(version=row.version, canonical=row.canonical, sha256=row.sha256) for row in ready)
    Signature.objects.bulk_create(
        Signature(
            version=row.version,
            sha256=row.sha256,
            signed_by_id=by.pk,
            signed_name=by.name,
            signed_role=role_title.strip(),
            factor=proof.kind,
            proof_id=proof.pk,
            under=row.under,
        )
        for row in ready
    )
    told = {"factor": proof.kind, "proof": proof.pk, "together": len(ready)}
    move_many(
        rows=[
            (
                row.declaration,
                {
                    "version": row.version.number,
                    "sha256": row.sha256,
                    "clauses": sorted(clause.number for clause in row.version.clause_set.clauses.all()),
                    **told,
                },
            )
            for row in ready
        ],
        to=Declaration.Status.SIGNED,
        by=by,
    )
    return [row.declaration for row in ready]
