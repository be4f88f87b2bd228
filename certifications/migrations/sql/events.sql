-- What a GTIN or a GLN means is ended and said anew, never changed.
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_tradecode
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('ended_at', 'ended_by_id');
CREATE TRIGGER portal_keep_ended BEFORE UPDATE ON certifications_tradecode FOR EACH ROW EXECUTE FUNCTION portal_keep_once('ended_at');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_tradecode FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_tradecode FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

-- That an event was declared wrong can be taken back once; nothing else of it changes, and no row goes.
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_wrongevent
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('taken_back_at', 'taken_back_by_id');
CREATE TRIGGER portal_keep_taken_back BEFORE UPDATE ON certifications_wrongevent
    FOR EACH ROW EXECUTE FUNCTION portal_keep_once('taken_back_at');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_wrongevent FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_wrongevent FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
