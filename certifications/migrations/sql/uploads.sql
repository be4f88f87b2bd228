-- What was sent, by whom and for whom, was recorded once; so was each row of it, whatever a person put in the place of a cell.
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_upload FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('status', 'round', 'problem', 'sheet', 'header_row', 'reading', 'columns', 'laid_out', 'mode',
                                         'total', 'done', 'began_at', 'asked_by_id', 'counts', 'commits');
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_uploadrow FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('mended', 'filled', 'accepted', 'state', 'key', 'outcome', 'commit', 'title', 'digest',
                                         'object_id', 'changes', 'before', 'key_before', 'stamp');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_upload FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_upload FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
