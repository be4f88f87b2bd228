-- Tips: what was told never changes and goes only when it is erased; who reads them was named by two people.

CREATE FUNCTION portal_tip_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'erased' THEN
        RAISE EXCEPTION 'an erased tip never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.status = 'erased' THEN
        IF OLD.status <> 'closed' OR concat(NEW.what, NEW.place, NEW.seen_when, NEW.product, NEW.seller, NEW.buyer, NEW.link, NEW.reason) <> '' THEN
            RAISE EXCEPTION 'a closed tip is erased, and whole' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF (NEW.what, NEW.place, NEW.seen_when, NEW.product, NEW.seller, NEW.buyer, NEW.link)
          IS DISTINCT FROM (OLD.what, OLD.place, OLD.seen_when, OLD.product, OLD.seller, OLD.buyer, OLD.link) THEN
        RAISE EXCEPTION 'the words of a tip never change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION portal_of_an_erased_tip() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM certifications_tip t WHERE t.id = OLD.tip_id AND t.status = 'erased') THEN
        RAISE EXCEPTION 'what belongs to a tip goes when the tip is erased' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER portal_tip_words BEFORE UPDATE ON certifications_tip FOR EACH ROW EXECUTE FUNCTION portal_tip_words();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_tip FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('status', 'noted', 'what', 'place', 'seen_when', 'product', 'seller', 'buyer', 'link',
                                         'outcome', 'reason', 'closed_on');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_tip FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_tip FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

CREATE TRIGGER portal_refuse_row BEFORE UPDATE ON certifications_tipfile FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_erased BEFORE DELETE ON certifications_tipfile FOR EACH ROW EXECUTE FUNCTION portal_of_an_erased_tip();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_tipfile FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_tipmessage FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('noted');
CREATE TRIGGER portal_erased BEFORE DELETE ON certifications_tipmessage FOR EACH ROW EXECUTE FUNCTION portal_of_an_erased_tip();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_tipmessage FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

CREATE FUNCTION portal_tip_reader_born_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND (NEW.state <> 'proposed' OR NEW.agreed_by_id IS NOT NULL) THEN
        RAISE EXCEPTION 'the naming of a reader begins as proposed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'a naming that took effect or was refused never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- One role for each naming that two people agreed to: whose role ended is named anew.
CREATE FUNCTION portal_tip_reader_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.role = 'tip_reader' AND (TG_OP = 'INSERT' OR NEW.user_id <> OLD.user_id OR NEW.role <> OLD.role OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL))
       AND (SELECT count(*) FROM certifications_tipreader r WHERE r.reader_id = NEW.user_id AND r.state = 'effective' AND r.agreed_by_id IS NOT NULL)
           <= (SELECT count(*) FROM certifications_membership m WHERE m.user_id = NEW.user_id AND m.role = 'tip_reader') THEN
        RAISE EXCEPTION 'who reads tips is named by two people' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_tip_reader_born_proposed BEFORE INSERT OR UPDATE ON certifications_tipreader FOR EACH ROW
    EXECUTE FUNCTION portal_tip_reader_born_proposed();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_tipreader FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('state', 'agreed_by_id', 'agreed_at', 'agreed_proof_id', 'voided_by_id', 'voided_at');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_tipreader FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_tipreader FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_tip_reader_named BEFORE INSERT OR UPDATE ON certifications_membership FOR EACH ROW
    EXECUTE FUNCTION portal_tip_reader_named();
