DROP TRIGGER portal_keep_columns ON certifications_objection;
DROP TRIGGER portal_keep_answer ON certifications_objection;
DROP TRIGGER portal_refuse_row ON certifications_objection;
DROP TRIGGER portal_refuse_truncate ON certifications_objection;
-- A decision's words and its proposer never change; only its state, agreement and withdrawal do.
CREATE OR REPLACE FUNCTION portal_keep_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.case_id, NEW.outcome, NEW.reason, NEW.explanation, NEW.needs_second, NEW.proposed_by_id, NEW.proposed_at,
        NEW.proposed_proof_id, NEW.digest)
       IS DISTINCT FROM
       (OLD.case_id, OLD.outcome, OLD.reason, OLD.explanation, OLD.needs_second, OLD.proposed_by_id, OLD.proposed_at,
        OLD.proposed_proof_id, OLD.digest) THEN
        RAISE EXCEPTION 'the words of a decision never change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'a decision that took effect or was withdrawn never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
