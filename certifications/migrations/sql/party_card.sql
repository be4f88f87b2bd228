-- The card of a customer: papers keep their words, groups stay within one distributor and never run in a circle.

-- Two links that are harmless one by one may close a circle: one writer at a time for each distributor.
CREATE FUNCTION portal_group_tree() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own text;
    other text;
BEGIN
    SELECT organisation_id INTO own FROM certifications_customer WHERE id = NEW.member_id;
    SELECT organisation_id INTO other FROM certifications_customer WHERE id = NEW.head_id;
    IF own IS DISTINCT FROM other THEN
        RAISE EXCEPTION 'a group lies within one distributor''s customers' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('group ' || own, 0));
    IF EXISTS (
        WITH RECURSIVE above(id) AS (
            SELECT NEW.head_id
            UNION
            SELECT l.head_id FROM certifications_grouplink l JOIN above a ON l.member_id = a.id WHERE l.ended_at IS NULL
        )
        SELECT 1 FROM above WHERE id = NEW.member_id
    ) THEN
        RAISE EXCEPTION 'a group has one head and no circle' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION portal_covered_is_the_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM certifications_grouplink l
        JOIN certifications_customer c ON c.id = l.member_id
        JOIN certifications_site s ON s.party_id = c.party_id
        WHERE l.id = NEW.link_id AND s.id = NEW.site_id
    ) THEN
        RAISE EXCEPTION 'a link covers sites of its member alone' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_group_tree BEFORE INSERT ON certifications_grouplink FOR EACH ROW EXECUTE FUNCTION portal_group_tree();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_grouplink FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('ended_at', 'ended_by_id');
CREATE TRIGGER portal_keep_end BEFORE UPDATE ON certifications_grouplink FOR EACH ROW EXECUTE FUNCTION portal_keep_once('ended_at');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_grouplink FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_grouplink FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

CREATE TRIGGER portal_covered_is_the_members BEFORE INSERT ON certifications_coveredsite FOR EACH ROW
    EXECUTE FUNCTION portal_covered_is_the_members();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_coveredsite FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_coveredsite FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_customerpaper FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('withdrawn_at', 'withdrawn_by_id');
CREATE TRIGGER portal_keep_withdrawal BEFORE UPDATE ON certifications_customerpaper FOR EACH ROW
    EXECUTE FUNCTION portal_keep_once('withdrawn_at');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_customerpaper FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_customerpaper FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_paperreminder FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_paperreminder FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_cardchange FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_cardchange FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

-- A site stays a site of its party, under its own key.
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_site FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('native_name', 'latin_name', 'address', 'country', 'division', 'activity', 'ended_at', 'ended_by_id');
