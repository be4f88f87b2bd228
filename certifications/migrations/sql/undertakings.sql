-- Undertakings never change, signed or not: a next version is written, and two people agree to it.

CREATE FUNCTION portal_clause_set_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The first version of a set may come with the installation.
    IF EXISTS (SELECT 1 FROM certifications_clauseset c WHERE c.code = NEW.code) AND NOT EXISTS (
        SELECT 1 FROM certifications_catalogueproposal p
        WHERE p.kind = 'clauses' AND p.subject = NEW.code AND p.state = 'effective' AND p.content ->> 'from_date' = NEW.from_date::text
    ) THEN
        RAISE EXCEPTION 'two people agree to a version of undertakings' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- A set that a declaration carries is whole.
CREATE FUNCTION portal_clause_set_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM certifications_declarationversion v WHERE v.clause_set_id = NEW.clause_set_id) THEN
        RAISE EXCEPTION 'a set of undertakings that is in use never grows' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_clause_set_agreed BEFORE INSERT ON certifications_clauseset
    FOR EACH ROW EXECUTE FUNCTION portal_clause_set_agreed();
CREATE TRIGGER portal_clause_set_whole BEFORE INSERT ON certifications_clause
    FOR EACH ROW EXECUTE FUNCTION portal_clause_set_whole();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_clauseset
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_clause
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
