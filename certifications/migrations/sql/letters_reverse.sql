DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['letter', 'letterdecision', 'letterparty', 'lettertext', 'letterseal', 'letterreminder'] LOOP
        EXECUTE format('DROP TRIGGER portal_refuse_row ON certifications_%s', name);
        EXECUTE format('DROP TRIGGER portal_refuse_truncate ON certifications_%s', name);
    END LOOP;
END $$;
DROP TRIGGER portal_letter_decision_open ON certifications_letterdecision;
DROP TRIGGER portal_keep_columns ON certifications_letterdecision;
DROP TRIGGER portal_keep_columns ON certifications_letter;
DROP TRIGGER portal_letter_status ON certifications_letter;
DROP FUNCTION portal_letter_decision_open();
DROP FUNCTION portal_letter_status();
