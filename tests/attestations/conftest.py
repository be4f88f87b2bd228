"""An authority for the session, a sealed document, and an attestation issued by the real actions."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from certifications.attestations import actions
from certifications.attestations.models import Attestation
from certifications.attestations.render import render_attestation
from certifications.declarations.queries import version_of
from certifications.screening.actions import screen_party
from tests.authority import Authority
from tests.world import World, proof_for

from .samples import payload


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """Keys of its own and a timestamp server."""
    made = Authority(tmp_path_factory.mktemp("authority")).start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def unsealed() -> bytes:
    """An ordinary attestation before its seal."""
    return render_attestation(payload())


@pytest.fixture(scope="session")
def sealed(authority: Authority, unsealed: bytes) -> bytes:
    """The same, sealed."""
    return authority.sealer(unsealed).pdf


def become(role: str) -> None:
    """Act as one of the database roles, within the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{role}"')


@pytest.fixture(scope="module")
def roles(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A connection that may act as the application and as the signer in turn: the test's rows are never committed."""
    admin = urlsplit(os.environ["DATABASE_ADMIN_URL"])
    before = dict(connection.settings_dict)
    with django_db_blocker.unblock():
        connection.close()
    connection.settings_dict |= {"USER": admin.username or "", "PASSWORD": admin.password or ""}
    yield
    with django_db_blocker.unblock():
        connection.close()
    connection.settings_dict |= {"USER": before["USER"], "PASSWORD": before["PASSWORD"]}


@dataclass
class Issued:
    """An attestation in force, with its sealed bytes."""

    attestation: Attestation
    pdf: bytes
    world: World

    def say(self, **fields: Any) -> None:
        """Change what the record says of it, as two people or a job would."""
        Attestation.objects.filter(pk=self.attestation.pk).update(**fields)
        self.attestation.refresh_from_db()


def release(world: World, authority: Authority, **changes: Any) -> Attestation:
    """Declare, screen, release and render, each by its real action; not sealed yet."""
    declaration = world.signed(world.draft(world.customer(**changes.pop("customer", {})), **changes))
    for party in (declaration.customer.party, declaration.organisation.party):
        assert screen_party(party).state == "done"
    releaser = world.people["reviewer"]
    attestation = actions.prepare(
        declaration=declaration, version=version_of(declaration), by=releaser, proof=proof_for(releaser, "0" * 64, "release")
    )
    actions.write_unsealed(attestation=attestation, by_test_authority=authority.sealer.by_test_authority)
    return attestation


def issue(world: World, authority: Authority, **changes: Any) -> Issued:
    """The same, sealed as the signer's database role."""
    attestation = release(world, authority, **changes)
    # In a thread: pyHanko starts an event loop, and a browser test has one running already.
    with ThreadPoolExecutor(max_workers=1) as pool:
        sealed = pool.submit(authority.sealer, actions.unsealed_pdf(attestation)).result()
    become("portal_signer")
    actions.write_seal(attestation=attestation, sealed=sealed)
    become("portal_app")
    attestation.refresh_from_db()
    return Issued(attestation, sealed.pdf, world)


@pytest.fixture
def issued(roles: None, db: None, settings: Any, authority: Authority) -> Issued:
    """One attestation for Ningbo Jiangnan Hospital, in force."""
    from tests.world import make_world

    settings.TRUST_DIR = authority.trust_folder
    become("portal_app")
    return issue(make_world(), authority)
