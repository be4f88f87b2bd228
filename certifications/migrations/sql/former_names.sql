-- What a party was called stays; a change of its name or number cannot leave the old one out, whoever writes it.

CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_formerkey
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_formerkey
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
CREATE INDEX former_key_folded ON certifications_formerkey (portal_folded_name(text)) WHERE kind = 'name';
CREATE INDEX former_key_number ON certifications_formerkey (text) WHERE kind IN ('uscc', 'lei');

-- At the end of the transaction: what is gone of a party that is still there, and was not said again, is kept, whatever statement took it out.
CREATE FUNCTION portal_keep_former() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    had jsonb := to_jsonb(OLD);
    word text := coalesce(had ->> 'text', had ->> 'value');
    sort text := coalesce(had ->> 'scheme', 'name');
BEGIN
    IF sort NOT IN ('name', 'uscc', 'lei') OR NOT EXISTS (SELECT 1 FROM certifications_party p WHERE p.id = OLD.party_id)
       OR EXISTS (SELECT 1 FROM certifications_formerkey f WHERE f.party_id = OLD.party_id AND f.kind = sort AND f.text = word)
       OR (sort = 'name' AND EXISTS (SELECT 1 FROM certifications_partyname n WHERE n.party_id = OLD.party_id AND n.text = word))
       OR EXISTS (SELECT 1 FROM certifications_identifier i WHERE i.party_id = OLD.party_id AND i.scheme = sort AND i.value = word) THEN
        RETURN NULL;
    END IF;
    INSERT INTO certifications_formerkey (party_id, kind, text, script) VALUES (OLD.party_id, sort, word, coalesce(had ->> 'script', ''))
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER portal_keep_former AFTER UPDATE OR DELETE ON certifications_partyname
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION portal_keep_former();
CREATE CONSTRAINT TRIGGER portal_keep_former AFTER UPDATE OR DELETE ON certifications_identifier
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION portal_keep_former();

-- "Not the same" of two that have one number, or one name without credit codes that part them, takes two people: what was confirmed of
-- one counts for the other until then.
CREATE FUNCTION portal_parted_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.answer = 'different' AND NOT NEW.needs_second AND EXISTS (
        WITH keys AS (
            SELECT party_id, scheme, value FROM certifications_identifier WHERE scheme IN ('uscc', 'lei')
            UNION ALL SELECT party_id, kind, text FROM certifications_formerkey WHERE kind IN ('uscc', 'lei')
            UNION ALL SELECT party_id, 'name', portal_folded_name(text) FROM certifications_partyname
            UNION ALL SELECT party_id, kind, portal_folded_name(text) FROM certifications_formerkey WHERE kind = 'name'
        )
        SELECT 1 FROM keys a JOIN keys b ON b.scheme = a.scheme AND b.value = a.value
        WHERE a.party_id = NEW.left_id AND b.party_id = NEW.right_id AND (a.scheme <> 'name' OR NOT EXISTS (
            SELECT 1 FROM certifications_identifier x JOIN certifications_identifier y ON y.scheme = x.scheme AND y.value <> x.value
            WHERE x.scheme = 'uscc' AND x.party_id = NEW.left_id AND y.party_id = NEW.right_id))
    ) THEN
        RAISE EXCEPTION 'two people part parties of one number or name' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_parted_by_two BEFORE INSERT ON certifications_identityanswer
    FOR EACH ROW EXECUTE FUNCTION portal_parted_by_two();
