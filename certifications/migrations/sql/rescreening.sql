-- What a delta looked at never changes: a party reads as clear by it. A round's parties and cause are kept too.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['listdelta', 'deltareach'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['rescreening', 'rescreeningchunk'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['listdelta', 'deltareach', 'rescreening', 'rescreeningchunk'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
END $$;

CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_rescreening FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('finished_at', 'cancelled_at', 'cancelled_by_id');
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_rescreeningchunk FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('done', 'hits', 'failed', 'finished_at');
CREATE TRIGGER portal_keep_end BEFORE UPDATE ON certifications_rescreeningchunk FOR EACH ROW
    EXECUTE FUNCTION portal_keep_once('finished_at');
