-- Nobody invents a paper: where one was kept without it there is no way back.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM certifications_oldcertificate WHERE blob_id IS NULL) THEN
        RAISE EXCEPTION 'old certificates are kept without a paper: file their papers first, or stay with this version';
    END IF;
END $$;
DROP TRIGGER portal_keep_columns ON certifications_oldcertificate;
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_oldcertificate
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('withdrawn_at', 'withdrawn_by_id', 'withdrawn_reason');
DROP TRIGGER portal_keep_paper ON certifications_oldcertificate;
DROP FUNCTION portal_keep_paper();
