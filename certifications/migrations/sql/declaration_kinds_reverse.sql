DROP TRIGGER IF EXISTS portal_keep_signed_line ON certifications_declarationparty;
DROP TRIGGER IF EXISTS portal_keep_signed_line ON certifications_declarationshare;
DROP TRIGGER IF EXISTS portal_keep_signed_line ON certifications_declarationdocument;
DROP TRIGGER IF EXISTS portal_refuse_truncate ON certifications_declarationparty;
DROP TRIGGER IF EXISTS portal_refuse_truncate ON certifications_declarationshare;
DROP TRIGGER IF EXISTS portal_refuse_truncate ON certifications_declarationdocument;

CREATE OR REPLACE FUNCTION portal_enter() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION portal_keep_order_line() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION portal_keep_balance() RETURNS trigger LANGUAGE plpgsql AS $$
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
    IF NEW.declaration_id <> OLD.declaration_id AND NOT EXISTS (
        SELECT 1 FROM certifications_declaration d
        WHERE d.id = NEW.declaration_id AND d.follows_id = OLD.declaration_id AND d.follows_as = 'amend' AND d.status = 'attested'
    ) THEN
        RAISE EXCEPTION 'a balance goes over to the amendment alone' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.id, NEW.product_id, NEW.organisation_id) IS DISTINCT FROM (OLD.id, OLD.product_id, OLD.organisation_id) THEN
        RAISE EXCEPTION 'what a balance is of never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION portal_keep_signed_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched text := CASE WHEN TG_OP = 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM certifications_frozentext f WHERE f.version_id = touched) THEN
        RAISE EXCEPTION 'a signed version never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
