"""After the attestation the watch goes on: a new list that names a party opens a case; a worker never suspends."""

import pytest

from certifications.flags.models import Case, Flag
from certifications.flow import rescreening
from tests.attestations.conftest import Issued
from tests.screening.samples import row

from .steps import LISTS, dated_list, work

pytestmark = pytest.mark.django_db


def test_a_new_list_that_names_the_end_user_of_an_attestation_opens_one_case(issued: Issued) -> None:
    party = issued.attestation.declaration.customer.party
    dated_list()
    work(*LISTS)
    assert not Case.objects.exists()
    dated_list(40, row(91, name="Ningbo Jiangnan Hospital", alt_names=["宁波江南医院"]))
    work(*LISTS)
    case = Case.objects.get()
    assert case.subject == f"party:{party.pk}"
    assert [(f.rule, f.severity, f.party) for f in case.flags.all()] == [("LIST", "critical", party)]
    # A worker flags; only people suspend or revoke.
    issued.attestation.refresh_from_db()
    assert issued.attestation.status == "valid"
    rescreening.rescreen(party.pk)
    assert (Case.objects.count(), Flag.objects.count()) == (1, 1)
