-- What the end user was asked, and who, never changes; what became of it is written once.
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_enduserrequest FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('status', 'closed_at', 'revoked_by_id');
CREATE TRIGGER portal_keep_closed BEFORE UPDATE ON certifications_enduserrequest FOR EACH ROW
    EXECUTE FUNCTION portal_keep_once('closed_at');
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_printedstatement FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('pdf_id', 'pages');
CREATE TRIGGER portal_keep_printed BEFORE UPDATE ON certifications_printedstatement FOR EACH ROW
    EXECUTE FUNCTION portal_keep_once('pdf_id');
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_statementscan FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('status', 'checked_at', 'checked_by_id', 'checked_side', 'checked_proof_id',
                                         'refusal', 'refusal_text');
CREATE TRIGGER portal_keep_checked BEFORE UPDATE ON certifications_statementscan FOR EACH ROW
    EXECUTE FUNCTION portal_keep_once('checked_at');

-- An answer is given to an open question, about the text that was asked, through a link that was sent for it.
CREATE FUNCTION portal_end_user_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM certifications_enduserrequest r JOIN certifications_enduserlink l ON l.request_id = r.id
    WHERE r.id = NEW.request_id AND r.status = 'open' AND r.sha256 = NEW.sha256 AND r.email = NEW.email AND l.id = NEW.link_id
    FOR UPDATE OF r;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the end user answers an open question about its own text' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_end_user_answer BEFORE INSERT ON certifications_enduseranswer
    FOR EACH ROW EXECUTE FUNCTION portal_end_user_answer();

-- And a question counts as answered only by such an answer, whoever updates the row.
CREATE FUNCTION portal_end_user_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IN ('confirmed', 'declined', 'questioned') AND NEW.status <> OLD.status AND NOT EXISTS (
        SELECT 1 FROM certifications_enduseranswer a WHERE a.request_id = NEW.id AND a.kind = NEW.status
    ) THEN
        RAISE EXCEPTION 'the end user alone answers for itself' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_end_user_answered BEFORE UPDATE ON certifications_enduserrequest
    FOR EACH ROW EXECUTE FUNCTION portal_end_user_answered();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['enduserlink', 'enduseranswer', 'scanfile'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['enduserrequest', 'printedstatement', 'statementscan'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['enduserlink', 'enduseranswer', 'scanfile', 'enduserrequest', 'printedstatement', 'statementscan'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
END $$;
