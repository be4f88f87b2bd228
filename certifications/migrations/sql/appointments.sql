-- Who signs for a distributor is appointed by two people before it is invited; what they agreed to never changes.
CREATE TRIGGER portal_born_proposed BEFORE INSERT ON certifications_appointment
    FOR EACH ROW EXECUTE FUNCTION portal_born_proposed();
CREATE FUNCTION portal_keep_appointment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'an appointment that was decided never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (SELECT 1 FROM certifications_user u WHERE u.id IN (NEW.proposed_by_id, NEW.agreed_by_id) AND lower(u.email) = lower(NEW.email)) THEN
        RAISE EXCEPTION 'nobody appoints themselves' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_keep_appointment BEFORE INSERT OR UPDATE ON certifications_appointment
    FOR EACH ROW EXECUTE FUNCTION portal_keep_appointment();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_appointment
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('state', 'agreed_by_id', 'agreed_at', 'agreed_proof_id', 'voided_by_id', 'voided_at');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_appointment FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_appointment FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

-- Invitations of before that would give the role by one person's word are taken back; they are sent anew by two.
UPDATE certifications_invitation SET revoked_at = now(), revoked_by_id = sent_by_id
WHERE 'signatory' = ANY (roles) AND accepted_at IS NULL AND revoked_at IS NULL;
-- The foreign key of who took it back is asked now: the index of the new column waits for the end of the migration, and for that.
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;

CREATE FUNCTION portal_signatory_invited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What was used, taken back or has run out opens nothing again.
    IF TG_OP = 'UPDATE' AND 'signatory' = ANY (OLD.roles) AND (
        (OLD.accepted_at IS NOT NULL AND NEW.accepted_at IS DISTINCT FROM OLD.accepted_at)
        OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
        OR NEW.expires_at > OLD.expires_at
    ) THEN
        RAISE EXCEPTION 'two people appoint a signatory' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF 'signatory' = ANY (NEW.roles) AND (TG_OP = 'INSERT' OR (NEW.roles, NEW.email, NEW.organisation_id, NEW.appointment_id)
                                                              IS DISTINCT FROM (OLD.roles, OLD.email, OLD.organisation_id, OLD.appointment_id))
       AND NOT EXISTS (
        SELECT 1 FROM certifications_appointment a
        WHERE a.id = NEW.appointment_id AND a.state = 'effective' AND a.organisation_id = NEW.organisation_id AND a.email = NEW.email
          AND a.roles @> NEW.roles AND a.roles <@ NEW.roles
    ) THEN
        RAISE EXCEPTION 'two people appoint a signatory' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_signatory_invited BEFORE INSERT OR UPDATE ON certifications_invitation
    FOR EACH ROW EXECUTE FUNCTION portal_signatory_invited();

-- The role itself: by an invitation that rests on an appointment and is open in this moment. The demonstration's own people alone are
-- made without one, and they exist in no other installation (the deploy check fails where they are found).
CREATE FUNCTION portal_signatory_appointed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.role = 'signatory'
       AND (TG_OP = 'INSERT' OR (NEW.user_id, NEW.organisation_id, NEW.role) IS DISTINCT FROM (OLD.user_id, OLD.organisation_id, OLD.role)
            OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL)
            OR (OLD.expires_on IS NOT NULL AND (NEW.expires_on IS NULL OR NEW.expires_on > OLD.expires_on)))
       AND NOT EXISTS (
           SELECT 1 FROM certifications_invitation i JOIN certifications_user u ON u.email = i.email
           WHERE u.id = NEW.user_id AND i.organisation_id = NEW.organisation_id AND i.appointment_id IS NOT NULL
             AND 'signatory' = ANY (i.roles) AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now())
       AND NOT (NEW.created_by_id = '' AND EXISTS (SELECT 1 FROM certifications_user u WHERE u.id = NEW.user_id AND u.is_demo)) THEN
        RAISE EXCEPTION 'two people appoint a signatory' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_signatory_appointed BEFORE INSERT OR UPDATE ON certifications_membership
    FOR EACH ROW EXECUTE FUNCTION portal_signatory_appointed();
