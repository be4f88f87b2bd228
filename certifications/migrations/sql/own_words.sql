-- Only an end user of the declaration is asked for its word about it: the first one or a further one of the version that it is asked
-- about; of a stock nobody is the end user yet. A part of a declaration for several is asked about of the version in play alone.
-- A process of the earlier release names nobody while both run, and asks single end users alone.
CREATE FUNCTION portal_end_user_of_declaration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM certifications_declaration d
    JOIN certifications_declarationversion v ON v.declaration_id = d.id AND v.number = NEW.version_number
    WHERE d.id = NEW.declaration_id
      AND (NEW.canonical::jsonb->>'schema' IS DISTINCT FROM 'end-use-declaration-part/1' OR NEW.version_number = d.version_number)
      AND CASE WHEN NEW.customer_id IS NULL THEN v.kind = 'single' ELSE
        v.kind <> 'stockist' AND (d.customer_id = NEW.customer_id OR EXISTS (
            SELECT 1 FROM certifications_declarationparty p
            WHERE p.version_id = v.id AND p.role = 'end_user' AND p.customer_id = NEW.customer_id)) END;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only an end user of a declaration is asked for its word about it' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_end_user_named BEFORE INSERT ON certifications_enduserrequest
    FOR EACH ROW EXECUTE FUNCTION portal_end_user_of_declaration();
CREATE TRIGGER portal_end_user_named BEFORE INSERT ON certifications_printedstatement
    FOR EACH ROW EXECUTE FUNCTION portal_end_user_of_declaration();
