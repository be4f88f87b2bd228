DO $$
DECLARE
    row record;
BEGIN
    FOR row IN
        SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE p.proname IN ('portal_keep_columns', 'portal_keep_once', 'portal_one_organisation', 'portal_keep_clause')
           OR (p.proname = 'portal_refuse' AND c.relname IN (
               'certifications_listentry', 'certifications_securityevent', 'certifications_evidencedocument',
               'certifications_question', 'certifications_listversion', 'certifications_authorisation',
               'certifications_membership', 'certifications_regulatorscope', 'certifications_declarationversion',
               'certifications_declarationline', 'certifications_clause', 'certifications_clauseset'))
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %I', row.tgname, row.relname);
    END LOOP;
END $$;
DROP FUNCTION portal_keep_columns();
DROP FUNCTION portal_keep_once();
DROP FUNCTION portal_one_organisation();
DROP FUNCTION portal_keep_clause();
