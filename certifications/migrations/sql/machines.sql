-- What a program was made with never changes; it is used, and it ends once.
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_apiclient FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('last_used_at', 'revoked_at', 'revoked_by_id');
CREATE TRIGGER portal_keep_end BEFORE UPDATE ON certifications_apiclient FOR EACH ROW
    EXECUTE FUNCTION portal_keep_once('revoked_at');
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_webhook FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('failing_since', 'disabled_at', 'removed_at', 'removed_by_id');
CREATE TRIGGER portal_keep_end BEFORE UPDATE ON certifications_webhook FOR EACH ROW
    EXECUTE FUNCTION portal_keep_once('removed_at');

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['apiclient', 'webhook'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
END $$;
