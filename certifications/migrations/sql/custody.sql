-- Movements and reports: what was reported stays. A movement can be taken back once; nothing else of it changes, and no row goes.
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_movement
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('taken_back_at', 'taken_back_by_id');
CREATE TRIGGER portal_keep_taken_back BEFORE UPDATE ON certifications_movement
    FOR EACH ROW EXECUTE FUNCTION portal_keep_once('taken_back_at');
-- A movement stands in a report of whoever reported it.
CREATE FUNCTION portal_movement_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_rows m JOIN certifications_salesreport r ON r.id = m.report_id WHERE r.organisation_id <> m.organisation_id
    ) THEN
        RAISE EXCEPTION 'a movement stands in a report of whoever reported it' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER portal_movement_own AFTER INSERT ON certifications_movement
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION portal_movement_own();

CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_movement FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_movement FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['salesreport', 'nothingsold', 'reportreminder', 'reportdue'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
END $$;

-- What an upload may be said of as a whole, and figures of its rows, come and go with its checks.
DROP TRIGGER portal_keep_columns ON certifications_upload;
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_upload FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('status', 'round', 'problem', 'sheet', 'header_row', 'reading', 'columns', 'laid_out', 'mode',
                                         'total', 'done', 'began_at', 'asked_by_id', 'counts', 'commits', 'remarks');
-- Of a row: the file's number and cells. Asked column by column: as JSON, a hundred thousand rows of twenty cells took ten seconds.
DROP TRIGGER portal_keep_columns ON certifications_uploadrow;
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_uploadrow FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.upload_id <> OLD.upload_id OR NEW.number <> OLD.number OR NEW.cells <> OLD.cells)
    EXECUTE FUNCTION portal_keep_columns();
