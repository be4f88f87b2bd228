-- The words of a nomination stay as they were accepted; what was decided stays decided.
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_nomination FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('status', 'decided_at', 'decided_by_id', 'decided_reason', 'authorisation_id');
CREATE TRIGGER portal_keep_decision BEFORE UPDATE ON certifications_nomination FOR EACH ROW
    EXECUTE FUNCTION portal_keep_once('decided_at');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_nomination
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_nomination
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

-- Approved only when every hop accepted exactly these words.
CREATE FUNCTION portal_nomination_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'approved' AND OLD.status <> 'approved' AND (
        SELECT count(*) FROM certifications_acceptance a WHERE a.nomination_id = NEW.id AND a.digest = NEW.digest
    ) < jsonb_array_length(NEW.inherited) + 1 THEN
        RAISE EXCEPTION 'every hop accepts the terms before a reseller is approved' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_nomination_approved BEFORE UPDATE ON certifications_nomination
    FOR EACH ROW EXECUTE FUNCTION portal_nomination_approved();

-- Hop by hop, the top one first.
CREATE FUNCTION portal_acceptance_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.hop <> (SELECT count(*) FROM certifications_acceptance a WHERE a.nomination_id = NEW.nomination_id) THEN
        RAISE EXCEPTION 'terms are accepted hop by hop' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_acceptance_in_order BEFORE INSERT ON certifications_acceptance
    FOR EACH ROW EXECUTE FUNCTION portal_acceptance_in_order();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_acceptance
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_acceptance
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
