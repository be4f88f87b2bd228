DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['stockcount', 'stockconfirmation', 'programmestart', 'oldcertificate'] LOOP
        EXECUTE format('DROP TRIGGER portal_refuse_row ON certifications_%s', name);
        EXECUTE format('DROP TRIGGER portal_refuse_truncate ON certifications_%s', name);
    END LOOP;
END $$;
DROP TRIGGER portal_keep_withdrawal ON certifications_oldcertificate;
DROP TRIGGER portal_keep_columns ON certifications_oldcertificate;
DROP TRIGGER portal_start_open ON certifications_programmestart;
DROP TRIGGER portal_keep_columns ON certifications_programmestart;
DROP TRIGGER portal_stock_same ON certifications_stockcount;
DROP FUNCTION portal_stock_same();
DROP FUNCTION portal_start_open();
