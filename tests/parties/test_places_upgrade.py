"""The upgrade that gives customers their place in lists by name, on a database that holds some."""

from django.core.management import call_command
from django.db import connection

from certifications.parties.models import Customer
from tests.declarations.test_own_words_upgrade import committed, owned
from tests.world import World

__all__ = ["committed", "owned"]
BEFORE = "0052_whole_lines"
NAMES = (("宁波江南医院", "Ningbo Jiangnan Hospital"), ("绍兴稽山学院", "Zither Academy"), ("杭州临江检测站", "Beacon Testing Station"))


def places() -> dict[str, tuple[str, str]]:
    return {pk: (native, latin) for pk, native, latin in Customer.objects.values_list("pk", "native_order", "latin_order")}


def test_there_and_back_everybody_has_the_place_that_it_had(owned: World) -> None:
    for native, latin in NAMES:
        owned.customer(native_name=native, latin_name=latin, uscc="", lei="")
    before = places()
    assert all(native and latin for native, latin in before.values())
    call_command("migrate", "certifications", BEFORE, verbosity=0)
    # What an interrupted build left behind is no obstacle.
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX mail_of_person ON certifications_mail (id)")
    call_command("migrate", "certifications", verbosity=0)
    assert places() == before
    with connection.cursor() as cursor:
        names = ["customer_by_latin_name", "customer_by_native_name", "declaration_by_stage", "mail_of_person"]
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_index ON indexrelid = oid WHERE indisvalid AND relname = ANY(%s) ORDER BY 1", [names]
        )
        assert [name for (name,) in cursor.fetchall()] == names
        cursor.execute("SELECT pg_get_indexdef('mail_of_person'::regclass)")
        assert "to_user_id" in cursor.fetchone()[0]
