-- What people answer on two parties: "the same" and its end take two people, and what was recorded never changes.

CREATE FUNCTION portal_identity_answered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    standing text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
            RAISE EXCEPTION 'an answer that took effect or was refused never changes' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    SELECT a.answer INTO standing FROM certifications_identityanswer a
    WHERE a.left_id = NEW.left_id AND a.right_id = NEW.right_id AND a.state = 'effective' ORDER BY a.id DESC LIMIT 1;
    IF NEW.agreed_by_id IS NOT NULL
       OR (NEW.needs_second AND NEW.state <> 'proposed')
       OR (NOT NEW.needs_second AND (NEW.answer = 'same' OR standing = 'same')) THEN
        RAISE EXCEPTION 'two people link parties, and two part them' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_identity_answered BEFORE INSERT OR UPDATE ON certifications_identityanswer
    FOR EACH ROW EXECUTE FUNCTION portal_identity_answered();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_identityanswer
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns(
        'state', 'agreed_by_id', 'agreed_at', 'agreed_proof_id', 'voided_by_id', 'voided_at');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_identityanswer
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_identityanswer
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
