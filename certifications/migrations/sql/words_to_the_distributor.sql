-- What a distributor was told belongs to the words of a decision: it never changes either.
CREATE OR REPLACE FUNCTION portal_keep_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.case_id, NEW.outcome, NEW.reason, NEW.explanation, NEW.message, NEW.needs_second, NEW.proposed_by_id,
        NEW.proposed_at, NEW.proposed_proof_id, NEW.digest)
       IS DISTINCT FROM
       (OLD.case_id, OLD.outcome, OLD.reason, OLD.explanation, OLD.message, OLD.needs_second, OLD.proposed_by_id,
        OLD.proposed_at, OLD.proposed_proof_id, OLD.digest) THEN
        RAISE EXCEPTION 'the words of a decision never change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'a decision that took effect or was withdrawn never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_objection FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('answer', 'answered_at', 'answered_by_id');
CREATE TRIGGER portal_keep_answer BEFORE UPDATE ON certifications_objection FOR EACH ROW
    EXECUTE FUNCTION portal_keep_once('answered_at');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_objection FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_objection
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
