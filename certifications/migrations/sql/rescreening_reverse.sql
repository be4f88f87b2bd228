DO $$
DECLARE
    row record;
BEGIN
    FOR row IN
        SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND c.relname IN ('certifications_listdelta', 'certifications_deltareach',
                                                   'certifications_rescreening', 'certifications_rescreeningchunk')
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %I', row.tgname, row.relname);
    END LOOP;
END $$;
