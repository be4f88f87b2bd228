-- Names that somebody outside wrote: what is bound is sure by the rule or was answered by a person, and answers never change.

-- Only what a person confirmed is resolved: an evidence line is written by its confirmation alone.
CREATE FUNCTION portal_name_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'evidence_line'
       AND NOT EXISTS (SELECT 1 FROM certifications_evidenceline l WHERE l.id = NEW.object_id AND l.confirmed_by_id IS NOT NULL) THEN
        RAISE EXCEPTION 'a name is resolved when a person confirmed what holds it' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_name_confirmed BEFORE INSERT ON certifications_nameuse
    FOR EACH ROW EXECUTE FUNCTION portal_name_confirmed();

CREATE FUNCTION portal_name_bound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.is_bound AND NOT NEW.is_sure AND NOT EXISTS (
        SELECT 1 FROM certifications_nameanswer a
        WHERE a.reported_id = NEW.reported_id AND a.party_id = NEW.party_id AND a.answer = 'same' AND a.withdrawn_at IS NULL
    ) THEN
        RAISE EXCEPTION 'what is not sure is bound by a person' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.is_sure AND NOT (NEW.number = 'same' OR (NEW.is_exact AND NEW.number <> 'other')) THEN
        RAISE EXCEPTION 'sure is a number or the very name' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_name_bound BEFORE INSERT OR UPDATE ON certifications_namecandidate
    FOR EACH ROW EXECUTE FUNCTION portal_name_bound();

CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_nameuse
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_nameuse
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_reportedname
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('state', 'looked_at');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_reportedname
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_reportedname
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_nameanswer
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('withdrawn_by_id', 'withdrawn_at', 'withdrawn_reason');
CREATE TRIGGER portal_keep_withdrawal BEFORE UPDATE ON certifications_nameanswer
    FOR EACH ROW EXECUTE FUNCTION portal_keep_once('withdrawn_at');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_nameanswer
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_nameanswer
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
