-- A balance goes over to the declaration that amends its own, and nowhere else; all else as before (orders.sql).
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

-- What a declaration follows was said when it was begun.
CREATE FUNCTION portal_keep_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.follows_id, NEW.follows_as) IS DISTINCT FROM (OLD.follows_id, OLD.follows_as) THEN
        RAISE EXCEPTION 'what a declaration follows never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_keep_follows BEFORE UPDATE ON certifications_declaration
    FOR EACH ROW EXECUTE FUNCTION portal_keep_follows();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['withdrawal', 'returnnote'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
END $$;
