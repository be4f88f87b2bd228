DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['enduserlink', 'enduseranswer', 'scanfile', 'enduserrequest', 'printedstatement', 'statementscan'] LOOP
        EXECUTE format('DROP TRIGGER portal_refuse_truncate ON certifications_%s', name);
        EXECUTE format('DROP TRIGGER portal_refuse_row ON certifications_%s', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['enduserrequest', 'printedstatement', 'statementscan'] LOOP
        EXECUTE format('DROP TRIGGER portal_keep_columns ON certifications_%s', name);
    END LOOP;
END $$;
DROP TRIGGER portal_end_user_answered ON certifications_enduserrequest;
DROP FUNCTION portal_end_user_answered();
DROP TRIGGER portal_end_user_answer ON certifications_enduseranswer;
DROP FUNCTION portal_end_user_answer();
DROP TRIGGER portal_keep_checked ON certifications_statementscan;
DROP TRIGGER portal_keep_printed ON certifications_printedstatement;
DROP TRIGGER portal_keep_closed ON certifications_enduserrequest;
