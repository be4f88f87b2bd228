"""What the pages of the catalogue share: a form that proposes under a factor, and what a proposal says, in words."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from certifications.catalogue import clauses, products
from certifications.catalogue.models import ClauseSet, EquivalenceGroup, Product
from certifications.catalogue.models_versions import CatalogueProposal, ProductVersion
from certifications.catalogue.proposals import proposal_digest
from certifications.catalogue.rules_clauses import Changed, ScopeData, SetData, difference
from certifications.catalogue.rules_ownership import RuleData
from certifications.catalogue.rules_policies import PolicyData
from certifications.catalogue.rules_products import ProductData
from certifications.catalogue.rules_questions import QuestionnaireData
from certifications.flow import catalogue as flow
from certifications.ledger.listed import apart, listed, mark
from certifications.ledger.moves import NotAllowed
from certifications.pages.factor import factor_of
from certifications.pages.places import line_words, reach_words
from certifications.pages.questions import question_rows
from certifications.people.factors import FactorRefused, begin
from certifications.people.models import User
from certifications.screening.models import ListSource
from portal.templatetags.kit import local, num
from portal.words import word_for

Said = list[tuple[str, Any]]


def proposed(request: HttpRequest, form: Any, *, kind: str, subject: str, content: dict[str, Any], more: dict[str, Any]) -> bool:
    """Propose what the form says. False where it is refused: the form says why, and `more` holds the passkey's question."""
    user: User = request.user  # type: ignore[assignment]
    words: dict[str, Any] = {"kind": kind, "subject": subject, "content": content, "explanation": form.cleaned_data["explanation"]}
    try:
        flow.propose(by=user, **words, **factor_of(request))
    except FactorRefused as error:
        form.add_error(None, str(error))
        # The passkey's question over exactly what was just typed.
        more["passkey"] = begin(user, proposal_digest(**words), request.session)
    except NotAllowed as error:
        form.add_error(error.code if error.code in form.fields else None, str(error))
    else:
        return True
    return False


def title_of(proposal: CatalogueProposal) -> str:
    """What it would do, in words."""
    titles = {
        "product": _("Product: %(name)s"),
        "policy": _("Policy: %(name)s"),
        "policy_end": _("End of the policy %(name)s"),
        "owners": _("Rule of ownership: %(name)s"),
        "owners_end": _("End of the rule of ownership %(name)s"),
        "clauses": _("Next version of the undertakings %(name)s"),
        "group": _("Equivalent products: %(name)s"),
        "group_end": _("End of a group of equivalents: %(name)s"),
        "questions": _("Next version of the questionnaire"),
    }
    return titles[proposal.kind] % {"name": proposal.subject}


def said_by(proposal: CatalogueProposal) -> Said:
    """What it says, line by line."""
    said = {
        "owners": _owners,
        "owners_end": _policy_end,
        "product": _product,
        "policy": _policy,
        "policy_end": _policy_end,
        "clauses": _clauses,
        "group": _group,
        "group_end": _group_end,
        "questions": _questions,
    }
    return said[proposal.kind](proposal)


def changes_by(proposal: CatalogueProposal) -> list[Changed]:
    """Of a version of undertakings: what it changes from the version before."""
    if proposal.kind != "clauses":
        return []
    data = SetData.of(proposal.content)
    earlier = ClauseSet.objects.filter(code=proposal.subject, from_date__lt=data.from_date).order_by("-version").first()
    return difference(clauses.texts(earlier), list(data.clauses))


def product_words(data: ProductData, before: ProductData | None) -> Said:
    """What is said of a product; beside an earlier version, only what differs from it."""

    def shown(said: ProductData) -> dict[str, str]:
        return {
            _("Name in English"): said.name,
            _("Name in Chinese"): said.name_zh,
            _("Product line"): line_words([said.line]),
            _("Unit in English"): said.unit,
            _("Unit in Chinese"): said.unit_zh,
            _("Further units"): apart(f"{name} = {num(factor)}" for name, factor in said.units.items()),
            _("Samples per unit"): num(said.samples_per_unit) if said.samples_per_unit else "",
            _("Classification"): said.classification,
            _("It may be declared"): _("yes") if said.is_current else _("no"),
        }

    now, then = shown(data), shown(before) if before else None
    return [(label, text) for label, text in now.items() if then is None or then[label] != text]


def _product(proposal: CatalogueProposal) -> Said:
    data = ProductData.of(proposal.content)
    earlier = ProductVersion.objects.filter(product__catalogue_number=proposal.subject, from_date__lt=data.from_date).first()
    said: Said = [(_("Catalogue number"), proposal.subject), (_("From"), date_format(data.from_date, "DATE_FORMAT"))]
    return said + product_words(data, products.data_of(earlier) if earlier else None)


def _clauses(proposal: CatalogueProposal) -> Said:
    data = SetData.of(proposal.content)
    until: Said = [(_("Old text may be signed until"), date_format(data.old_until, "DATE_FORMAT"))] if data.old_until else []
    return [*scope_words(data.scope), (_("From"), date_format(data.from_date, "DATE_FORMAT")), *until]


def _policy(proposal: CatalogueProposal) -> Said:
    return policy_words(PolicyData.of(proposal.content))


def policy_words(data: PolicyData) -> Said:
    """What a policy asks, of whom, from when to when."""
    level: Said = [(_("Least that will do"), word_for("assurance", data.level).text)] if data.level else []
    until: Said = [(_("First day after it"), date_format(data.until, "DATE_FORMAT"))] if data.until else []
    replaces: Said = [(_("In place of"), data.replaces)] if data.replaces else []
    kinds = listed(str(word_for("enduserclass", code).text) for code in data.classes)
    return [
        (_("It asks for"), word_for("policyeffect", data.effect).text),
        *level,
        *scope_words(data.scope),
        (_("Kinds of end users"), kinds or _("every end user")),
        (_("From"), date_format(data.from_date, "DATE_FORMAT")),
        *until,
        *replaces,
    ]


def _owners(proposal: CatalogueProposal) -> Said:
    data = RuleData.of(proposal.content)
    link: Said = [(_("Link"), data.source_link)] if data.source_link else []
    return [*ownership_words(data), *link]


def ownership_words(data: RuleData) -> Said:
    """What a rule of ownership lays down, from when to when, and where it is published."""
    until: Said = [(_("First day after it"), date_format(data.until, "DATE_FORMAT"))] if data.until else []
    replaces: Said = [(_("In place of"), data.replaces)] if data.replaces else []
    titles = dict(ListSource.objects.filter(pk__in=data.lists).values_list("pk", "title"))
    return [
        (_("Authority"), data.authority),
        (_("From how many percent"), f"{num(data.threshold)} %"),
        (_("Shares of several listed owners"), _("add up") if data.is_aggregated else _("do not add up")),
        (_("Indirect shares count"), word_for("ownerchain", data.chain).text),
        (_("Lists"), listed(titles.get(code, code) for code in data.lists) or _("every list")),
        (_("Programmes"), listed(data.programmes) or _("every entry")),
        (_("From"), date_format(data.from_date, "DATE_FORMAT")),
        *until,
        *replaces,
        (_("Published in"), data.source),
    ]


def _policy_end(proposal: CatalogueProposal) -> Said:
    until = dt.date.fromisoformat(proposal.content["until"])
    label = _("Rule") if proposal.kind == "owners_end" else _("Policy")
    return [(label, proposal.subject), (_("No longer from"), date_format(until, "DATE_FORMAT"))]


def scope_words(scope: ScopeData) -> Said:
    """What it is about."""
    return [
        (_("Product lines"), line_words(scope.lines) or _("every line")),
        (_("Where"), reach_words(scope) or _("every country")),
    ]


def measures_of(measures: dict[str, Any]) -> Said:
    """Each product by its name, with its measure."""
    known = {product.catalogue_number: product for product in Product.objects.filter(catalogue_number__in=list(measures))}
    return [
        (number, mark(",").join(part for part in (local(known[number], "name") if number in known else "", num(measure)) if part))
        for number, measure in sorted(measures.items())
    ]


def _group(proposal: CatalogueProposal) -> Said:
    return [(_("Name of the group"), proposal.subject), *measures_of(proposal.content["measures"])]


def _answered_by(row: dict[str, Any]) -> str:
    """The kind of a question's answer, with its choices where it has any."""
    return mark(":").join(part for part in (str(row["kind"]), apart(row["choices"])) if part)


def _questions(proposal: CatalogueProposal) -> Said:
    data = QuestionnaireData.of(proposal.content)
    held = _("Nothing is signed for a customer while an answer is missing") if data.holds_signing else _("It holds no signature")
    rows = question_rows(list(data.questions))
    return [
        (_("Signing"), held),
        *(
            (
                _("Question %(n)d") % {"n": row["number"]},
                "\n".join(part for part in (row["text"], _answered_by(row), row["asked"]) if part),
            )
            for row in rows
        ),
    ]


def _group_end(proposal: CatalogueProposal) -> Said:
    group = EquivalenceGroup.objects.filter(pk=proposal.content["group"]).first()
    members = group.members.select_related("product") if group else []
    return [(_("Name of the group"), proposal.subject), *measures_of({m.product.catalogue_number: m.measure for m in members})]
