-- Confirmation by a sample: what was drawn and measured stays, and the rest is confirmed only within the limit that a lead set.

-- The bound was computed of the rows; here it is counted again that all of the sample was checked, and that so many were wrong.
CREATE FUNCTION portal_bulk_measured() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed numeric;
    checked integer;
    failed integer;
BEGIN
    IF NEW.status = 'confirming' AND OLD.status <> 'confirming' THEN
        SELECT l."limit" INTO allowed FROM certifications_bulklimit l ORDER BY l.set_at DESC, l.id DESC LIMIT 1;
        SELECT count(*) FILTER (WHERE r.verdict <> ''), count(*) FILTER (WHERE r.verdict = 'wrong') INTO checked, failed
        FROM certifications_bulkrow r WHERE r.bulk_id = NEW.id AND r.in_sample;
        IF checked <> NEW.sample_size OR failed <> NEW.wrong OR NEW."limit" > COALESCE(allowed, 0.05) THEN
            RAISE EXCEPTION 'the rest is confirmed by a whole sample within the limit' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_bulk_measured BEFORE UPDATE ON certifications_bulkcheck
    FOR EACH ROW EXECUTE FUNCTION portal_bulk_measured();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_bulkcheck
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns(
        'status', 'wrong', 'upper', 'limit', 'digest', 'confirmed_by_id', 'confirmed_at', 'ended_by_id', 'ended_at', 'ended_reason', 'problem');
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_bulkrow
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('verdict', 'outcome', 'again_id');

DO $$
DECLARE
    name text;
BEGIN
    CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_bulklimit
        FOR EACH ROW EXECUTE FUNCTION portal_refuse();
    FOREACH name IN ARRAY ARRAY['bulkcheck', 'bulkrow'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['bulklimit', 'bulkcheck', 'bulkrow'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
END $$;
