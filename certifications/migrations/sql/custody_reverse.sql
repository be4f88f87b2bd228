DROP TRIGGER portal_keep_columns ON certifications_uploadrow;
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_uploadrow FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('mended', 'filled', 'accepted', 'state', 'key', 'outcome', 'commit', 'title', 'digest',
                                         'object_id', 'changes', 'before', 'key_before', 'stamp');
DROP TRIGGER portal_keep_columns ON certifications_upload;
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_upload FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('status', 'round', 'problem', 'sheet', 'header_row', 'reading', 'columns', 'laid_out', 'mode',
                                         'total', 'done', 'began_at', 'asked_by_id', 'counts', 'commits');
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['movement', 'salesreport', 'nothingsold', 'reportreminder', 'reportdue'] LOOP
        EXECUTE format('DROP TRIGGER portal_refuse_row ON certifications_%s', name);
        EXECUTE format('DROP TRIGGER portal_refuse_truncate ON certifications_%s', name);
    END LOOP;
END $$;
DROP TRIGGER portal_movement_own ON certifications_movement;
DROP FUNCTION portal_movement_own();
DROP TRIGGER portal_keep_taken_back ON certifications_movement;
DROP TRIGGER portal_keep_columns ON certifications_movement;
