-- Two people open an emergency access, for no longer than four hours; every look falls into it and is kept.

CREATE FUNCTION portal_emergency_born_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'proposed' OR NEW.agreed_by_id IS NOT NULL OR NEW.open_until IS NOT NULL THEN
        RAISE EXCEPTION 'an emergency access begins as asked for' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION portal_keep_emergency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'an emergency access that was decided never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.open_until > now() + interval '4 hours 1 minute' THEN
        RAISE EXCEPTION 'an emergency access lasts four hours' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION portal_look_while_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM certifications_emergencyaccess a
        WHERE a.id = NEW.access_id AND a.state = 'effective' AND a.proposed_by_id = NEW.by_id AND a.open_until > now()
    ) THEN
        RAISE EXCEPTION 'nobody looks outside an open emergency access' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_emergency_born_proposed BEFORE INSERT ON certifications_emergencyaccess
    FOR EACH ROW EXECUTE FUNCTION portal_emergency_born_proposed();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_emergencyaccess
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns(
        'state', 'agreed_by_id', 'agreed_at', 'agreed_proof_id', 'voided_by_id', 'voided_at', 'open_until');
CREATE TRIGGER portal_keep_decided BEFORE UPDATE ON certifications_emergencyaccess
    FOR EACH ROW EXECUTE FUNCTION portal_keep_emergency();
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_emergencyaccess
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_emergencyaccess
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_look_while_open BEFORE INSERT ON certifications_emergencylook
    FOR EACH ROW EXECUTE FUNCTION portal_look_while_open();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_emergencylook
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_emergencylook
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

-- Who sees prices is proposed by one person and agreed to by another; what was agreed never changes.
CREATE FUNCTION portal_price_sight_born_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'proposed' OR NEW.agreed_by_id IS NOT NULL THEN
        RAISE EXCEPTION 'who sees prices begins as proposed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION portal_keep_price_sight() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'who sees prices was decided and never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_price_sight_born_proposed BEFORE INSERT ON certifications_pricesight
    FOR EACH ROW EXECUTE FUNCTION portal_price_sight_born_proposed();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_pricesight
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns(
        'state', 'agreed_by_id', 'agreed_at', 'agreed_proof_id', 'voided_by_id', 'voided_at');
CREATE TRIGGER portal_keep_decided BEFORE UPDATE ON certifications_pricesight
    FOR EACH ROW EXECUTE FUNCTION portal_keep_price_sight();
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_pricesight
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_pricesight
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
