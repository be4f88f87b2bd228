-- A refused list counts only when two people accepted it, and what was imported never becomes another file.

CREATE FUNCTION portal_keep_list_exception() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.version_id, NEW.reason, NEW.explanation, NEW.proposed_by_id, NEW.proposed_at, NEW.proposed_proof_id, NEW.digest)
       IS DISTINCT FROM
       (OLD.version_id, OLD.reason, OLD.explanation, OLD.proposed_by_id, OLD.proposed_at, OLD.proposed_proof_id, OLD.digest) THEN
        RAISE EXCEPTION 'the words of a list exception never change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'a list exception that took effect or was withdrawn never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION portal_list_exception_born_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'proposed' OR NEW.agreed_by_id IS NOT NULL THEN
        RAISE EXCEPTION 'a list exception begins as proposed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION portal_list_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.excepted_at IS NOT NULL THEN
            RAISE EXCEPTION 'a list version is excepted by two people alone' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.source_id, NEW.sha256, NEW.entry_count, NEW.refusal, NEW.why, NEW.imported_at)
       IS DISTINCT FROM
       (OLD.source_id, OLD.sha256, OLD.entry_count, OLD.refusal, OLD.why, OLD.imported_at) THEN
        RAISE EXCEPTION 'what was imported never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.state, NEW.excepted_at) IS DISTINCT FROM (OLD.state, OLD.excepted_at) THEN
        IF NOT (OLD.state = 'refused' AND NEW.state = 'accepted') OR NOT EXISTS (
            SELECT 1 FROM certifications_listexception e
            WHERE e.version_id = NEW.id AND e.state = 'effective'
              AND e.agreed_by_id IS NOT NULL AND e.agreed_by_id <> e.proposed_by_id
        ) THEN
            RAISE EXCEPTION 'two people accept a refused list' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_listexception
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_listexception
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_keep_list_exception BEFORE UPDATE ON certifications_listexception
    FOR EACH ROW EXECUTE FUNCTION portal_keep_list_exception();
CREATE TRIGGER portal_list_exception_born_proposed BEFORE INSERT ON certifications_listexception
    FOR EACH ROW EXECUTE FUNCTION portal_list_exception_born_proposed();
CREATE TRIGGER portal_list_version BEFORE INSERT OR UPDATE ON certifications_listversion
    FOR EACH ROW EXECUTE FUNCTION portal_list_version();
