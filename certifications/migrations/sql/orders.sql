-- The ledger of declared quantities. An entry is added to its balance and its order line here and nowhere else, so that the
-- sums are those of the entries whatever the program does; check constraints on both rows refuse what is overdrawn or doubled.

CREATE FUNCTION portal_enter() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    d numeric := CASE WHEN NEW.kind IN ('declare', 'amend') THEN NEW.quantity ELSE 0 END;
    r integer := CASE NEW.kind WHEN 'reserve' THEN 1 WHEN 'release' THEN -1 WHEN 'expire' THEN -1 WHEN 'ship' THEN -1 ELSE 0 END;
    s integer := CASE NEW.kind WHEN 'ship' THEN 1 WHEN 'return' THEN -1 ELSE 0 END;
    b integer := CASE NEW.kind WHEN 'return' THEN 1 ELSE 0 END;
BEGIN
    IF NEW.order_line_id IS NOT NULL THEN
        UPDATE certifications_orderline
        SET reserved = reserved + r * NEW.units, shipped = shipped + s * NEW.units, returned = returned + b * NEW.units
        WHERE id = NEW.order_line_id AND balance_id = NEW.balance_id AND units IS NOT NULL AND NEW.quantity = NEW.units * ratio;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the entry does not fit its order line' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    UPDATE certifications_balance
    SET declared = declared + d, reserved = reserved + r * NEW.quantity, shipped = shipped + s * NEW.quantity, entry_count = entry_count + 1
    WHERE id = NEW.balance_id
    RETURNING entry_count INTO NEW.sequence;
    RETURN NEW;
END $$;

-- The sums change through entries alone: from the trigger above this one is a trigger's trigger.
CREATE FUNCTION portal_keep_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF (NEW.declared, NEW.reserved, NEW.shipped, NEW.entry_count) IS DISTINCT FROM (0::numeric, 0::numeric, 0::numeric, 0) THEN
            RAISE EXCEPTION 'a balance begins empty' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF pg_trigger_depth() < 2 AND (NEW.declared, NEW.reserved, NEW.shipped, NEW.entry_count)
       IS DISTINCT FROM (OLD.declared, OLD.reserved, OLD.shipped, OLD.entry_count) THEN
        RAISE EXCEPTION 'a balance changes by entries alone' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.id, NEW.declaration_id, NEW.product_id, NEW.organisation_id)
       IS DISTINCT FROM (OLD.id, OLD.declaration_id, OLD.product_id, OLD.organisation_id) THEN
        RAISE EXCEPTION 'what a balance is of never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION portal_keep_order_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.reserved <> 0 OR NEW.shipped <> 0 OR NEW.returned <> 0 THEN
            RAISE EXCEPTION 'an order line begins empty' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF pg_trigger_depth() < 2 AND (NEW.reserved, NEW.shipped, NEW.returned) IS DISTINCT FROM (OLD.reserved, OLD.shipped, OLD.returned) THEN
        RAISE EXCEPTION 'an order line changes by entries alone' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.id, NEW.organisation_id, NEW.order_number, NEW.line, NEW.asked_at)
       IS DISTINCT FROM (OLD.id, OLD.organisation_id, OLD.order_number, OLD.line, OLD.asked_at) THEN
        RAISE EXCEPTION 'which order line it is never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (OLD.reserved <> 0 OR OLD.shipped <> 0 OR OLD.returned <> 0)
       AND (NEW.balance_id, NEW.ratio, NEW.units, NEW.product_id) IS DISTINCT FROM (OLD.balance_id, OLD.ratio, OLD.units, OLD.product_id) THEN
        RAISE EXCEPTION 'what an order line draws on never changes while it draws' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_enter BEFORE INSERT ON certifications_balanceentry
    FOR EACH ROW EXECUTE FUNCTION portal_enter();
CREATE TRIGGER portal_keep_balance BEFORE INSERT OR UPDATE ON certifications_balance
    FOR EACH ROW EXECUTE FUNCTION portal_keep_balance();
CREATE TRIGGER portal_keep_order_line BEFORE INSERT OR UPDATE ON certifications_orderline
    FOR EACH ROW EXECUTE FUNCTION portal_keep_order_line();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_balanceentry
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['balance', 'orderline'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['balance', 'orderline', 'balanceentry'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
END $$;

-- What was attested before there were balances gets its own now.
INSERT INTO certifications_balance (declaration_id, product_id, version_id, organisation_id, customer_id, valid_from, valid_until,
                                    place_country, place_division, declared, reserved, shipped, entry_count)
SELECT d.id, l.product_id, v.id, d.organisation_id, d.customer_id, v.valid_from, v.valid_until, v.place_country, v.place_division, 0, 0, 0, 0
FROM certifications_declaration d
JOIN certifications_declarationversion v ON v.declaration_id = d.id AND v.number = d.version_number
JOIN certifications_declarationline l ON l.version_id = v.id
WHERE d.status = 'attested';
INSERT INTO certifications_balanceentry (balance_id, sequence, kind, quantity, units, product_id, by_id)
SELECT b.id, 0, 'declare', l.quantity, 0, b.product_id, ''
FROM certifications_balance b
JOIN certifications_declarationline l ON l.version_id = b.version_id AND l.product_id = b.product_id;
