-- A power to sign counts only when its delegate accepted it and another person agreed; what was recorded never changes.

CREATE FUNCTION portal_delegation_born_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'proposed' OR NEW.accepted_at IS NOT NULL OR NEW.agreed_by_id IS NOT NULL THEN
        RAISE EXCEPTION 'a delegation begins as proposed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- Decided once, accepted once; an end that was given only moves nearer.
CREATE FUNCTION portal_keep_delegation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'voided' AND NEW IS DISTINCT FROM OLD
       OR OLD.state = 'effective' AND (NEW.state, NEW.agreed_by_id, NEW.agreed_at, NEW.agreed_proof_id)
          IS DISTINCT FROM (OLD.state, OLD.agreed_by_id, OLD.agreed_at, OLD.agreed_proof_id)
       OR OLD.accepted_at IS NOT NULL AND (NEW.accepted_at, NEW.accepted_proof_id) IS DISTINCT FROM (OLD.accepted_at, OLD.accepted_proof_id)
    THEN
        RAISE EXCEPTION 'a delegation that was decided never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.ended_from IS NOT NULL AND (NEW.ended_from IS NULL OR NEW.ended_from > OLD.ended_from) THEN
        RAISE EXCEPTION 'the end of a delegation only moves nearer' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_delegation_born_proposed BEFORE INSERT ON certifications_delegation
    FOR EACH ROW EXECUTE FUNCTION portal_delegation_born_proposed();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_delegation
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns(
        'state', 'agreed_by_id', 'agreed_at', 'agreed_proof_id', 'voided_by_id', 'voided_at', 'accepted_at', 'accepted_proof_id',
        'ended_from', 'ended_at', 'ended_by_id', 'ended_reason');
CREATE TRIGGER portal_keep_decided BEFORE UPDATE ON certifications_delegation
    FOR EACH ROW EXECUTE FUNCTION portal_keep_delegation();
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_delegation
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_delegation
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_delegationreminder
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_delegationreminder
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

-- Whoever was once given a power by delegation signs within one alone. Days are those of the exporter's calendar, which
-- PostgreSQL is not told: it allows one day to each side, and the application asks exactly.
CREATE FUNCTION portal_signed_within_power() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.under = '{}'::jsonb THEN
        IF EXISTS (SELECT 1 FROM certifications_delegation d WHERE d.delegate_id = NEW.signed_by_id AND d.state = 'effective') THEN
            RAISE EXCEPTION 'who has a delegation signs within one' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NOT EXISTS (
        SELECT 1 FROM certifications_delegation d
        WHERE d.id = NEW.under ->> 'id' AND d.number = NEW.under ->> 'number' AND d.delegate_id = NEW.signed_by_id
          AND d.state = 'effective' AND 'declarations' = ANY (d.kinds)
          AND d.valid_from <= current_date + 1 AND d.valid_until > current_date - 1
          AND (d.ended_from IS NULL OR d.ended_from > current_date - 1)
    ) THEN
        RAISE EXCEPTION 'no such delegation is in force' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_signed_within_power BEFORE INSERT ON certifications_signature
    FOR EACH ROW EXECUTE FUNCTION portal_signed_within_power();

-- An absence is ended once and otherwise stays as it was named; who succeeded whom never changes.
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_substitution
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('ended_at', 'ended_by_id');
CREATE TRIGGER portal_keep_once BEFORE UPDATE ON certifications_substitution
    FOR EACH ROW EXECUTE FUNCTION portal_keep_once('ended_at');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_substitution
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_substitution
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_succession
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_succession
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
