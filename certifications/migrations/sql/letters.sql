-- A letter's words never change; it is issued by people's decision alone, comes into force by its seal alone, and two revoke it.
CREATE FUNCTION portal_letter_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'screening' THEN
            RAISE EXCEPTION 'a letter begins with its screening' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.status = OLD.status THEN
        RETURN NEW;
    END IF;
    IF NEW.status = 'valid' THEN
        IF OLD.status <> 'issuing' OR NOT EXISTS (SELECT 1 FROM certifications_letterseal s WHERE s.letter_id = NEW.id) THEN
            RAISE EXCEPTION 'a letter comes into force by its seal alone' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NEW.status IN ('issuing', 'refused', 'revoked') THEN
        IF NOT EXISTS (
            SELECT 1 FROM certifications_letterdecision d
            WHERE d.letter_id = NEW.id AND d.state = 'effective'
              AND d.outcome = CASE NEW.status WHEN 'issuing' THEN 'release' WHEN 'refused' THEN 'refuse' ELSE 'revoke' END
              AND (NOT d.needs_second OR (d.agreed_by_id IS NOT NULL AND d.agreed_by_id <> d.proposed_by_id))
              AND NOT EXISTS (SELECT 1 FROM certifications_lettertext t WHERE t.decision_id = d.id)
        ) THEN
            RAISE EXCEPTION 'people decide on a letter' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NEW.status = 'screening' OR (NEW.status = 'waiting' AND OLD.status NOT IN ('screening', 'issuing')) THEN
        RAISE EXCEPTION 'a letter does not go back' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION portal_letter_decision_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'a decision that took effect or was withdrawn never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_letter_status BEFORE INSERT OR UPDATE ON certifications_letter
    FOR EACH ROW EXECUTE FUNCTION portal_letter_status();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_letter
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('status');
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_letterdecision
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('state', 'agreed_by_id', 'agreed_at', 'agreed_proof_id', 'voided_by_id', 'voided_at');
CREATE TRIGGER portal_letter_decision_open BEFORE UPDATE ON certifications_letterdecision
    FOR EACH ROW EXECUTE FUNCTION portal_letter_decision_open();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['letterparty', 'lettertext', 'letterseal', 'letterreminder'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['letter', 'letterdecision'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['letter', 'letterdecision', 'letterparty', 'lettertext', 'letterseal', 'letterreminder'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
END $$;
