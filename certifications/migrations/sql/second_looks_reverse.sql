DROP TRIGGER portal_keep_columns ON certifications_ownership;
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_ownership
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('ended_at', 'ended_by_id', 'ended_reason', 'held');
DROP TRIGGER portal_born_open ON certifications_ownership;
CREATE OR REPLACE FUNCTION portal_keep_ownership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL AND (
        (NEW.ended_at, NEW.ended_by_id, NEW.ended_reason) IS DISTINCT FROM (OLD.ended_at, OLD.ended_by_id, OLD.ended_reason)
        OR (NEW.held AND NOT OLD.held)
    ) THEN
        RAISE EXCEPTION 'a statement of ownership that was ended stays ended as it was' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

DROP FUNCTION portal_listed_above(text);
CREATE OR REPLACE FUNCTION portal_signed_within_power() RETURNS trigger LANGUAGE plpgsql AS $$
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

DROP TRIGGER portal_letter_way ON certifications_letter;
DROP FUNCTION portal_letter_way();
DROP TRIGGER portal_born_proposed ON certifications_letterdecision;
DROP TRIGGER portal_born_proposed ON certifications_programmestart;
DROP FUNCTION portal_born_proposed();
CREATE OR REPLACE FUNCTION portal_keep_emergency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'an emergency access that was decided never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.open_until > now() + interval '4 hours 1 minute' THEN
        RAISE EXCEPTION 'an emergency access lasts four hours' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION portal_look_while_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM certifications_emergencyaccess a
        WHERE a.id = NEW.access_id AND a.state = 'effective' AND a.proposed_by_id = NEW.by_id AND a.open_until > now()
    ) THEN
        RAISE EXCEPTION 'nobody looks outside an open emergency access' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER portal_keep_columns ON certifications_emergencyaccess;
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_emergencyaccess
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns(
        'state', 'agreed_by_id', 'agreed_at', 'agreed_proof_id', 'voided_by_id', 'voided_at', 'open_until');
