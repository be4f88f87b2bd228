-- The earlier release hears nobody but the first end user, and only about the whole text: a "no" of another would be lost.
DO $$ BEGIN
    IF EXISTS (
        SELECT 1 FROM (
            SELECT declaration_id, customer_id, canonical FROM certifications_enduserrequest
            UNION ALL SELECT declaration_id, customer_id, canonical FROM certifications_printedstatement) asked
        JOIN certifications_declaration d ON d.id = asked.declaration_id
        WHERE asked.customer_id <> d.customer_id OR asked.canonical::jsonb->>'schema' = 'end-use-declaration-part/1') THEN
        RAISE EXCEPTION 'one of several end users was asked for its own word; the earlier release would not hear it'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
END $$;
DROP TRIGGER portal_end_user_named ON certifications_printedstatement;
DROP TRIGGER portal_end_user_named ON certifications_enduserrequest;
DROP FUNCTION portal_end_user_of_declaration();
