-- An alias counts only when two people agreed to it; what was recorded never changes and is never deleted.

CREATE FUNCTION portal_alias_born_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'proposed' OR NEW.agreed_by_id IS NOT NULL THEN
        RAISE EXCEPTION 'an alias begins as proposed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION portal_keep_decided_alias() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'an alias that took effect or was refused never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_alias_born_proposed BEFORE INSERT ON certifications_partyalias
    FOR EACH ROW EXECUTE FUNCTION portal_alias_born_proposed();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_partyalias
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns(
        'state', 'agreed_by_id', 'agreed_at', 'agreed_proof_id', 'voided_by_id', 'voided_at');
CREATE TRIGGER portal_keep_decided BEFORE UPDATE ON certifications_partyalias
    FOR EACH ROW EXECUTE FUNCTION portal_keep_decided_alias();
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_partyalias
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_partyalias
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
