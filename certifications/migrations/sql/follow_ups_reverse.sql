DROP TRIGGER IF EXISTS portal_keep_follows ON certifications_declaration;
DROP FUNCTION IF EXISTS portal_keep_follows() CASCADE;
DROP TRIGGER IF EXISTS portal_refuse_row ON certifications_withdrawal;
DROP TRIGGER IF EXISTS portal_refuse_truncate ON certifications_withdrawal;
DROP TRIGGER IF EXISTS portal_refuse_row ON certifications_returnnote;
DROP TRIGGER IF EXISTS portal_refuse_truncate ON certifications_returnnote;
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
    IF (NEW.id, NEW.declaration_id, NEW.product_id, NEW.organisation_id)
       IS DISTINCT FROM (OLD.id, OLD.declaration_id, OLD.product_id, OLD.organisation_id) THEN
        RAISE EXCEPTION 'what a balance is of never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
