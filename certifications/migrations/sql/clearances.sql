-- Who cleared what, why and until when never changes; that somebody was reminded is written once.
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_clearance FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('reminded_at');
CREATE TRIGGER portal_keep_reminder BEFORE UPDATE ON certifications_clearance FOR EACH ROW
    EXECUTE FUNCTION portal_keep_once('reminded_at');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_clearance
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_clearance
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
