DROP TRIGGER portal_keep_columns ON certifications_oldcertificate;
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_oldcertificate
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('withdrawn_at', 'withdrawn_by_id', 'withdrawn_reason');
DROP TRIGGER portal_keep_paper ON certifications_oldcertificate;
DROP FUNCTION portal_keep_paper();
