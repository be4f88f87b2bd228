-- First days, stock counts and old certificates: what was said stays; a correction is a row of its own.
CREATE FUNCTION portal_start_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'a first day that was agreed to or withdrawn never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
-- A correction is of the same distributor, product, lot and serial number.
CREATE FUNCTION portal_stock_same() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.supersedes_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM certifications_stockcount s
        WHERE s.id = NEW.supersedes_id
          AND (s.organisation_id, s.product_id, s.lot, s.serial) = (NEW.organisation_id, NEW.product_id, NEW.lot, NEW.serial)
    ) THEN
        RAISE EXCEPTION 'a correction is of the same stock' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_stock_same BEFORE INSERT ON certifications_stockcount
    FOR EACH ROW EXECUTE FUNCTION portal_stock_same();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_programmestart
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('state', 'agreed_by_id', 'agreed_at', 'agreed_proof_id', 'voided_by_id', 'voided_at');
CREATE TRIGGER portal_start_open BEFORE UPDATE ON certifications_programmestart
    FOR EACH ROW EXECUTE FUNCTION portal_start_open();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_oldcertificate
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('withdrawn_at', 'withdrawn_by_id', 'withdrawn_reason');
CREATE TRIGGER portal_keep_withdrawal BEFORE UPDATE ON certifications_oldcertificate
    FOR EACH ROW EXECUTE FUNCTION portal_keep_once('withdrawn_at');

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['stockcount', 'stockconfirmation'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['programmestart', 'oldcertificate'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['stockcount', 'stockconfirmation', 'programmestart', 'oldcertificate'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
END $$;
