-- The paper of an old certificate is filed once, while it is not withdrawn; everything else stays as first_day.sql says.
CREATE FUNCTION portal_keep_paper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.blob_id IS DISTINCT FROM OLD.blob_id AND (OLD.blob_id IS NOT NULL OR OLD.withdrawn_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the paper of a certificate is filed once' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_keep_paper BEFORE UPDATE ON certifications_oldcertificate
    FOR EACH ROW EXECUTE FUNCTION portal_keep_paper();
DROP TRIGGER portal_keep_columns ON certifications_oldcertificate;
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_oldcertificate
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('withdrawn_at', 'withdrawn_by_id', 'withdrawn_reason', 'blob_id');
