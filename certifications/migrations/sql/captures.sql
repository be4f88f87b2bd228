-- Foreign keys are asked now: a table with questions left open takes no trigger.
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE certifications_evidenceline ENABLE TRIGGER portal_refuse_row;
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_evidencedocument FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('title', 'status', 'text', 'proposal', 'reader', 'problem', 'confirmed_at',
                                         'confirmed_by_id', 'withdrawn_reason', 'handled');
-- A capture is of the bytes that it names, and where it says that they are the document's own, they are.
CREATE FUNCTION portal_capture_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM certifications_blob b WHERE b.id = NEW.blob_id AND b.sha256 = NEW.sha256)
       OR (NEW.agrees = 'bytes' AND NOT EXISTS (
           SELECT 1 FROM certifications_evidencedocument d WHERE d.id = NEW.document_id AND d.sha256 = NEW.sha256)) THEN
        RAISE EXCEPTION 'a capture is of the bytes that it names' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_capture_bytes BEFORE INSERT ON certifications_evidencecapture
    FOR EACH ROW EXECUTE FUNCTION portal_capture_bytes();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_evidencecapture
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_evidencecapture
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
