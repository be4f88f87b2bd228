DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['bulklimit', 'bulkcheck', 'bulkrow'] LOOP
        EXECUTE format('DROP TRIGGER portal_refuse_truncate ON certifications_%s', name);
        EXECUTE format('DROP TRIGGER portal_refuse_row ON certifications_%s', name);
    END LOOP;
END $$;
DROP TRIGGER portal_keep_columns ON certifications_bulkrow;
DROP TRIGGER portal_keep_columns ON certifications_bulkcheck;
DROP TRIGGER portal_bulk_measured ON certifications_bulkcheck;
DROP FUNCTION portal_bulk_measured();
