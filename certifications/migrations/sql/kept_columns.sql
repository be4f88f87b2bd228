-- Only the columns named in the trigger may change; whatever else the row says was recorded once.
CREATE FUNCTION portal_keep_columns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - TG_ARGV::text[] IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV::text[] THEN
        RAISE EXCEPTION 'what % recorded never changes', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- The first argument, once it holds something, closes the row.
CREATE FUNCTION portal_keep_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(OLD) ->> TG_ARGV[0] IS NOT NULL AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'what % recorded never changes', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- Nobody acts for two organisations, whatever two requests do at once. Locked per person: btree_gist is not everywhere.
CREATE FUNCTION portal_one_organisation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.ended_at IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('membership ' || NEW.user_id, 0));
        IF EXISTS (SELECT 1 FROM certifications_membership m
                   WHERE m.user_id = NEW.user_id AND m.ended_at IS NULL AND m.organisation_id <> NEW.organisation_id) THEN
            RAISE EXCEPTION 'nobody acts for two organisations' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

-- Undertakings that a signed version used are what was signed.
CREATE FUNCTION portal_keep_clause() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched text := CASE WHEN TG_TABLE_NAME = 'certifications_clauseset' THEN to_jsonb(OLD) ->> 'id'
                         ELSE to_jsonb(OLD) ->> 'clause_set_id' END;
BEGIN
    IF EXISTS (SELECT 1 FROM certifications_declarationversion v JOIN certifications_frozentext f ON f.version_id = v.id
               WHERE v.clause_set_id = touched) THEN
        RAISE EXCEPTION 'undertakings that were signed never change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;

CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_evidencedocument FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('title', 'status', 'text', 'proposal', 'reader', 'problem', 'confirmed_at',
                                         'confirmed_by_id', 'withdrawn_reason');
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_question FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('answer', 'answered_at', 'answered_by_id', 'withdrawn_at', 'withdrawn_by_id',
                                         'withdrawn_reason');
CREATE TRIGGER portal_keep_answer BEFORE UPDATE ON certifications_question FOR EACH ROW
    EXECUTE FUNCTION portal_keep_once('answered_at');
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_listversion FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('state', 'refusal', 'confirmed_at', 'excepted_at');
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_authorisation FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('suspended_from', 'suspension_recorded_at', 'suspended_by_id');
CREATE TRIGGER portal_keep_suspension BEFORE UPDATE ON certifications_authorisation FOR EACH ROW
    EXECUTE FUNCTION portal_keep_once('suspension_recorded_at');
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_membership FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('ended_at', 'ended_by_id', 'expires_on');
CREATE TRIGGER portal_keep_end BEFORE UPDATE ON certifications_membership FOR EACH ROW
    EXECUTE FUNCTION portal_keep_once('ended_at');
CREATE TRIGGER portal_one_organisation BEFORE INSERT OR UPDATE ON certifications_membership FOR EACH ROW
    EXECUTE FUNCTION portal_one_organisation();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_regulatorscope FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('expires_on');
CREATE TRIGGER portal_keep_clause BEFORE UPDATE OR DELETE ON certifications_clause FOR EACH ROW
    EXECUTE FUNCTION portal_keep_clause();
CREATE TRIGGER portal_keep_clause BEFORE UPDATE OR DELETE ON certifications_clauseset FOR EACH ROW
    EXECUTE FUNCTION portal_keep_clause();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['listentry', 'securityevent'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['evidencedocument', 'question', 'listversion', 'authorisation', 'membership', 'regulatorscope'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['evidencedocument', 'question', 'listversion', 'authorisation', 'membership', 'regulatorscope',
                                'declarationversion', 'declarationline', 'clause', 'clauseset'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
END $$;
