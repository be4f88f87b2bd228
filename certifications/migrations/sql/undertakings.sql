-- Undertakings never change, signed or not: a next version is written, and two people agree to it.

-- What kept the signed ones alone is part of that.
DROP TRIGGER portal_keep_clause ON certifications_clause;
DROP TRIGGER portal_keep_clause ON certifications_clauseset;

-- What an installation is set up with comes before anything was declared or proposed.
CREATE FUNCTION portal_catalogue_is_new() RETURNS boolean LANGUAGE sql AS $$
    SELECT NOT EXISTS (SELECT 1 FROM certifications_declaration) AND NOT EXISTS (SELECT 1 FROM certifications_catalogueproposal)
$$;

-- A version says what was agreed to, and each agreement makes one (its key is unique).
CREATE FUNCTION portal_clause_set_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.proposal_id IS NULL AND portal_catalogue_is_new() THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM certifications_catalogueproposal p
        WHERE p.id = NEW.proposal_id AND p.kind = 'clauses' AND p.subject = NEW.code AND p.state = 'effective'
          AND p.content ->> 'from_date' = NEW.from_date::text AND p.content ->> 'old_until' = COALESCE(NEW.old_until::text, '')
          AND p.content -> 'lines' = to_jsonb(NEW.lines) AND p.content -> 'countries' = to_jsonb(NEW.countries)
          AND p.content -> 'divisions' = to_jsonb(NEW.divisions)
    ) THEN
        RAISE EXCEPTION 'two people agree to a version of undertakings' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- So does each undertaking of it, by its number.
CREATE FUNCTION portal_clause_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    agreed jsonb;
    proposed text;
BEGIN
    SELECT c.proposal_id, p.content -> 'clauses' -> (NEW.number - 1) INTO proposed, agreed
    FROM certifications_clauseset c LEFT JOIN certifications_catalogueproposal p ON p.id = c.proposal_id
    WHERE c.id = NEW.clause_set_id;
    IF proposed IS NULL AND portal_catalogue_is_new() THEN
        RETURN NEW;
    END IF;
    -- A number below one would count from the end of the list.
    IF NEW.number < 1 OR agreed IS DISTINCT FROM
       jsonb_build_object('title', NEW.title, 'title_zh', NEW.title_zh, 'text', NEW.text, 'text_zh', NEW.text_zh) THEN
        RAISE EXCEPTION 'two people agree to each undertaking' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_clause_set_agreed BEFORE INSERT ON certifications_clauseset
    FOR EACH ROW EXECUTE FUNCTION portal_clause_set_agreed();
CREATE TRIGGER portal_clause_agreed BEFORE INSERT ON certifications_clause
    FOR EACH ROW EXECUTE FUNCTION portal_clause_agreed();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_clauseset
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_clause
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
