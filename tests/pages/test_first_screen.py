"""The demonstration is not empty when it is first opened, and loading it again adds nothing."""

import pytest

from certifications.declarations.models import Declaration
from certifications.evidence.models import EvidenceDocument
from certifications.flags.models import Case
from certifications.flow.demo import load
from certifications.flow.release import problem_with
from tests.flow.steps import work

pytestmark = pytest.mark.django_db


def test_one_declaration_is_on_its_way_to_its_seal_and_three_cases_open_once_the_workers_run() -> None:
    load()
    assert sorted(Declaration.objects.values_list("status", flat=True)) == ["draft", "issuing"]
    work()
    assert Case.objects.filter(status="open", document__isnull=False).count() == 3
    assert problem_with(Declaration.objects.get(status="issuing")) == "", "the cases do not hold it"
    load()
    work()
    assert (Declaration.objects.count(), EvidenceDocument.objects.count(), Case.objects.count()) == (2, 4, 3)
