"""A distributor's channel large enough to measure an order check on: attested declarations and the order lines that drew on them.

Bulk-inserted by one statement a table, past the triggers, as only an administrator can; the sums are those that entries would give.
"""

import os
from urllib.parse import urlsplit, urlunsplit

import psycopg

# Ids are counted up in the form of ULIDs; n is the number of the declaration, of its customer and of its balance.
_ID = "'0' || lpad({p} || lpad({n}::text, 9, '0'), 25, '0')"
LINES_EACH = 10


def _id(prefix: str, n: str = "n") -> str:
    return _ID.format(p=f"'{prefix}'", n=n)


def statements(count: int, first: int = 1) -> list[tuple[str, str]]:
    """(what, SQL) in order; parameters by name: distributor ids, filer, product, clause set, lists key, engine."""
    rows = f"generate_series({first}, {count}) n"
    lines = f"generate_series({first}, {count}) g(n) CROSS JOIN generate_series(1, {LINES_EACH}) h(k)"
    line_id = _id("7", f"(n * {LINES_EACH} + k)")
    whose = "(%(distributors)s::text[])[1 + n %% cardinality(%(distributors)s::text[])]"
    return [
        ("parties", f"INSERT INTO certifications_party (id, kind, country, division, line_of_business, revision) SELECT {_id('1')}, 'end_user', 'CN', '330200', 'Hospital', 1 FROM {rows}"),
        ("identifiers", f"INSERT INTO certifications_identifier (party_id, scheme, value, warning) SELECT {_id('1')}, 'other', 'B' || lpad(n::text, 8, '0'), '' FROM {rows}"),
        ("customers", f"INSERT INTO certifications_customer (id, organisation_id, party_id, note, registered_by_id, form_key) SELECT {_id('2')}, {whose}, {_id('1')}, '', %(filer)s, {_id('2')} FROM {rows}"),
        ("screenings", ("INSERT INTO certifications_screeningrun (id, party_id, party_revision, lists, lists_key, engine, state, error, names, near, crowds, close)"
         f" SELECT {_id('3')}, {_id('1')}, 1, '[]', %(lists_key)s, %(engine)s, 'done', '', '[]', false, '[]', '[]' FROM {rows}")),
        ("declarations", ("INSERT INTO certifications_declaration (id, number, organisation_id, customer_id, status, version_number, created_by_id, form_key, follows_as)"
         f" SELECT {_id('4')}, 'EUD-B-' || lpad(n::text, 9, '0'), {whose}, {_id('2')}, 'attested', 1, %(filer)s, {_id('4')}, '' FROM {rows}")),
        ("versions", ("INSERT INTO certifications_declarationversion (id, declaration_id, number, end_use, place_address, place_country, place_division, valid_from,"
         " valid_until, clause_set_id, unknown_facts, created_by_id, kind, term, period, contract, relationship, contact, currency, resale_scope, reporting,"
         " ship_to_address, ship_to_country, ship_to_division, route, delivery_proof, answered)"
         f" SELECT {_id('5')}, {_id('4')}, 1, 'bench', 'x', 'CN', '330200', current_date - 30, current_date + 200, %(clauses)s, '', %(filer)s, 'single', 'one_off', '', '', '', '', '', '', '', '', '', '', '', '', '{{}}' FROM {rows}")),
        ("attestations", ("INSERT INTO certifications_attestation (id, number, code, declaration_id, version_id, status, valid_from, valid_until, released_by_id,"
         " released_proof_id, exporter_country, destination_country, destination_division, place_country, place_division, search_text)"
         f" SELECT {_id('6')}, 'EUC-B-' || lpad(n::text, 9, '0'), '0000-0000', {_id('4')}, {_id('5')}, 'valid', current_date - 30, current_date + 200, %(filer)s,"
         f" {_id('6')}, 'CH', 'CN', '330200', 'CN', '330200', '' FROM {rows}")),
        ("balances", ("INSERT INTO certifications_balance (declaration_id, product_id, version_id, organisation_id, customer_id, valid_from, valid_until, place_country,"
         " place_division, declared, reserved, shipped, entry_count, period)"
         f" SELECT {_id('4')}, %(product)s, {_id('5')}, {whose}, {_id('2')}, current_date - 30, current_date + 200, 'CN', '330200', 100000, {LINES_EACH}, 0, {LINES_EACH + 1}, '' FROM {rows}")),
        ("order lines", ("INSERT INTO certifications_orderline (id, organisation_id, order_number, line, customer_ref, catalogue_number, quantity, unit, place_country,"
         " place_division, wanted_on, customer_id, product_id, units, status, reasons, balance_id, ratio, reserved, shipped, returned)"
         f" SELECT {line_id}, b.organisation_id, 'SO-' || n, k::text, b.customer_id, 'CI-2440-100', 1, 'kit', 'CN', '330200', current_date, b.customer_id, b.product_id, 1,"
         f" 'released', '[]', b.id, 1, 1, 0, 0 FROM {lines} JOIN certifications_balance b ON b.declaration_id = {_id('4')}")),
        ("entries", ("INSERT INTO certifications_balanceentry (balance_id, sequence, kind, quantity, units, order_line_id, product_id, by_id)"
         " SELECT b.id, 0, 'declare', 100000, 0, NULL, b.product_id, '' FROM certifications_balance b UNION ALL"
         " SELECT l.balance_id, l.line::int + 1, 'reserve', 1, 1, l.id, l.product_id, '' FROM certifications_orderline l")),
        ("events", ("INSERT INTO certifications_event (id, verb, object_type, object_id, sequence, actor_id, organisation_id, data)"
         " SELECT '7' || substr(id, 2), 'orderline.released', 'OrderLine', id, 1, '', '', '{}' FROM certifications_orderline")),
    ]  # fmt: skip


# What a distributor's own lists show: no orders, and each customer with a name.
LISTED = ("parties", "customers", "declarations", "versions", "attestations")
_NAME = "'Hospital ' || lpad(mod(n::bigint * 7919, 1000003)::text, 7, '0')"


def named(count: int, first: int = 1) -> list[tuple[str, str]]:
    """(what, SQL): names of the customers, in another order than that in which they were registered."""
    rows = f"generate_series({first}, {count}) n"
    return [
        ("names", f"INSERT INTO certifications_partyname (party_id, text, script, kind, position) SELECT {_id('1')}, {_NAME}, 'Latn', 'english', 0 FROM {rows}"),
        ("customers' order", ("UPDATE certifications_customer SET registered_at = now() - n * interval '1 minute',"
         f" native_order = lower({_NAME}), latin_order = lower({_NAME}) FROM {rows} WHERE certifications_customer.id = {_id('2')}")),
        ("declarations' days", ("UPDATE certifications_declaration SET created_at = now() - n * interval '1 minute'"
         f" FROM {rows} WHERE certifications_declaration.id = {_id('4')}")),
        ("attestations' days", ("UPDATE certifications_attestation SET released_at = now() - n * interval '1 minute',"
         f" valid_until = current_date + 1 + mod(n::bigint * 7919, 360)::int FROM {rows} WHERE certifications_attestation.id = {_id('6')}")),
    ]  # fmt: skip


def fill(count: int, parameters: dict[str, object], wanted: list[tuple[str, str]] | None = None) -> None:
    """Insert everything, or what is `wanted`, and let the planner see it."""
    parts = urlsplit(os.environ["DATABASE_ADMIN_URL"])
    with psycopg.connect(urlunsplit(parts._replace(path="/portal")), autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("SET maintenance_work_mem = '256MB'")
        for what, statement in wanted or statements(count):
            admin.execute(statement, {name: value for name, value in parameters.items() if f"%({name})s" in statement} or None)
            print(f"  {what}", flush=True)
        admin.execute("VACUUM ANALYZE")
