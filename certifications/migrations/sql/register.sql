-- The register: terms are added and never changed, knowledge only grows, nothing overlaps, two people suspend and revoke.

-- One writer at a time: a time of record is given under this lock, so that the order of the times is the order in which
-- they become visible, and an answer as known at a past moment never changes (register.py takes the same lock to read).
CREATE FUNCTION portal_register_lock() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('register', 0))
$$;

-- The GB/T 2260 codes that a territory's code stands for: 330000 all of Zhejiang, 330200 all of Ningbo, 330203 one district.
CREATE FUNCTION portal_codes(code text) RETURNS int4range LANGUAGE sql IMMUTABLE AS $$
    SELECT int4range(n, n + CASE WHEN n % 10000 = 0 THEN 10000 WHEN n % 100 = 0 THEN 100 ELSE 1 END)
    FROM (SELECT rpad(code, 6, '0')::int AS n) AS one
$$;

CREATE FUNCTION portal_register_terms() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before certifications_authorisationterms%ROWTYPE;
BEGIN
    PERFORM portal_register_lock();
    IF NEW.recorded_at >= statement_timestamp() THEN
        NEW.recorded_at := clock_timestamp();
    END IF;
    IF NEW.supersedes_id IS NOT NULL THEN
        SELECT * INTO before FROM certifications_authorisationterms t WHERE t.id = NEW.supersedes_id;
        IF before.authorisation_id IS DISTINCT FROM NEW.authorisation_id THEN
            RAISE EXCEPTION 'terms supersede terms of the same authorisation' USING ERRCODE = 'check_violation';
        END IF;
        IF before.recorded_at >= NEW.recorded_at THEN
            RAISE EXCEPTION 'terms are recorded after those that they supersede' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    IF EXISTS (SELECT 1 FROM certifications_authorisationchange c
               WHERE c.authorisation_id = NEW.authorisation_id AND c.state = 'effective' AND c."to" = 'revoked') THEN
        RAISE EXCEPTION 'a revoked authorisation is not corrected' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- What two authorisations are compared by. Runs as the owner: nobody else writes these rows.
CREATE FUNCTION portal_register_cells() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.supersedes_id IS NOT NULL THEN
        UPDATE certifications_registercell SET known = tstzrange(lower(known), NEW.recorded_at)
        WHERE terms_id = NEW.supersedes_id AND upper_inf(known);
    END IF;
    INSERT INTO certifications_registercell (terms_id, holder, line, country, codes, valid, known)
    SELECT DISTINCT NEW.id, a.party_id || ':' || COALESCE(p.party_id, ''), l.line, c.country,
           CASE WHEN c.country = 'CN' AND d.code IS NOT NULL THEN portal_codes(d.code) ELSE int4range(0, 1000000) END,
           daterange(NEW.valid_from, NEW.valid_until), tstzrange(NEW.recorded_at, NULL)
    FROM certifications_authorisation a
    LEFT JOIN certifications_authorisation p ON p.id = a.parent_id
    CROSS JOIN unnest(NEW.lines) AS l (line)
    CROSS JOIN unnest(NEW.countries) AS c (country)
    LEFT JOIN unnest(NEW.divisions) AS d (code) ON c.country = 'CN'
    WHERE a.id = NEW.authorisation_id
      -- Divisions that lie in another of the same row say nothing new.
      AND NOT EXISTS (
          SELECT 1 FROM unnest(NEW.divisions) AS wider (code)
          WHERE c.country = 'CN' AND wider.code <> d.code AND portal_codes(wider.code) @> portal_codes(d.code)
            AND portal_codes(wider.code) <> portal_codes(d.code)
      );
    RETURN NULL;
END $$;

-- A change begins as proposed, its words stay, and it takes effect once, at a time that PostgreSQL gives.
CREATE FUNCTION portal_authorisation_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' OR NEW.agreed_by_id IS NOT NULL THEN
            RAISE EXCEPTION 'a change of an authorisation begins as proposed' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.authorisation_id, NEW."to", NEW.holds_from, NEW.reason, NEW.explanation, NEW.public_reason, NEW.proposed_by_id,
        NEW.proposed_at, NEW.proposed_proof_id, NEW.digest)
       IS DISTINCT FROM
       (OLD.authorisation_id, OLD."to", OLD.holds_from, OLD.reason, OLD.explanation, OLD.public_reason, OLD.proposed_by_id,
        OLD.proposed_at, OLD.proposed_proof_id, OLD.digest) THEN
        RAISE EXCEPTION 'the words of a change never change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'a change that took effect or was withdrawn never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state = 'effective' THEN
        PERFORM portal_register_lock();
        IF EXISTS (SELECT 1 FROM certifications_authorisationchange c
                   WHERE c.authorisation_id = NEW.authorisation_id AND c.state = 'effective' AND c."to" = 'revoked') THEN
            RAISE EXCEPTION 'a revoked authorisation stays revoked' USING ERRCODE = 'check_violation';
        END IF;
        NEW.agreed_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;

-- Whether a right and every right above it were in force on a day, as known at a moment ('infinity': as known now).
CREATE FUNCTION portal_in_force(start text, day date, moment timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up (id, parent_id, tier) AS (
        SELECT a.id, a.parent_id, 1 FROM certifications_authorisation a WHERE a.id = start
        UNION ALL
        SELECT a.id, a.parent_id, up.tier + 1 FROM up JOIN certifications_authorisation a ON a.id = up.parent_id WHERE up.tier < 8
    )
    SELECT NOT EXISTS (
        SELECT 1 FROM up WHERE NOT EXISTS (
            SELECT 1 FROM certifications_authorisationterms t
            LEFT JOIN certifications_authorisationterms s ON s.supersedes_id = t.id
            WHERE t.authorisation_id = up.id AND t.recorded_at <= moment AND (s.id IS NULL OR s.recorded_at > moment)
              AND t.valid_from <= day AND t.valid_until > day
        ) OR (
            SELECT c."to" FROM certifications_authorisationchange c
            WHERE c.authorisation_id = up.id AND c.state = 'effective' AND c.holds_from <= day AND c.agreed_at <= moment
            ORDER BY c.agreed_at DESC, c.id DESC LIMIT 1
        ) IN ('suspended', 'revoked')
    )
$$;

-- What was revoked is free to be given anew, from the day of the revocation on.
CREATE FUNCTION portal_register_revoked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.state = 'effective' AND NEW."to" = 'revoked' AND OLD.state <> 'effective' THEN
        WITH closed AS (
            UPDATE certifications_registercell k SET known = tstzrange(lower(k.known), NEW.agreed_at)
            FROM certifications_authorisationterms t
            WHERE t.id = k.terms_id AND t.authorisation_id = NEW.authorisation_id AND upper_inf(k.known)
            RETURNING k.terms_id, k.holder, k.line, k.country, k.codes, k.valid
        )
        INSERT INTO certifications_registercell (terms_id, holder, line, country, codes, valid, known)
        SELECT terms_id, holder, line, country, codes, valid * daterange(NULL, NEW.holds_from), tstzrange(NEW.agreed_at, NULL)
        FROM closed WHERE NOT isempty(valid * daterange(NULL, NEW.holds_from));
    END IF;
    RETURN NULL;
END $$;

-- The same holder, from the same source, for the same line, in the same place, on the same day, known at the same time.
-- Compared by hash as a range of one number: btree_gist is not everywhere, ranges are. 64 bits do not meet by accident.
ALTER TABLE certifications_registercell ADD CONSTRAINT register_no_overlap EXCLUDE USING gist (
    int8range(hashtextextended(holder || ' ' || line || ' ' || country, 0),
              hashtextextended(holder || ' ' || line || ' ' || country, 0), '[]') WITH &&,
    codes WITH &&, valid WITH &&, known WITH &&
);

-- What was entered before there was this constraint stays as it was entered, even where it overlaps.
INSERT INTO certifications_registercell (terms_id, holder, line, country, codes, valid, known)
SELECT DISTINCT t.id, a.party_id || ':', l.line, c.country,
       CASE WHEN c.country = 'CN' AND d.code IS NOT NULL THEN portal_codes(d.code) ELSE int4range(0, 1000000) END,
       daterange(t.valid_from, t.valid_until), tstzrange(t.recorded_at, NULL)
FROM certifications_authorisationterms t
JOIN certifications_authorisation a ON a.id = t.authorisation_id
CROSS JOIN unnest(t.lines) AS l (line)
CROSS JOIN unnest(t.countries) AS c (country)
LEFT JOIN unnest(t.divisions) AS d (code) ON c.country = 'CN' AND d.code ~ '^[0-9]{2,6}$'
WHERE NOT EXISTS (SELECT 1 FROM certifications_authorisationterms s WHERE s.supersedes_id = t.id)
ON CONFLICT DO NOTHING;

CREATE TRIGGER portal_register_terms BEFORE INSERT ON certifications_authorisationterms
    FOR EACH ROW EXECUTE FUNCTION portal_register_terms();
CREATE TRIGGER portal_register_cells AFTER INSERT ON certifications_authorisationterms
    FOR EACH ROW EXECUTE FUNCTION portal_register_cells();
CREATE TRIGGER portal_authorisation_change BEFORE INSERT OR UPDATE ON certifications_authorisationchange
    FOR EACH ROW EXECUTE FUNCTION portal_authorisation_change();
CREATE TRIGGER portal_register_revoked AFTER UPDATE ON certifications_authorisationchange
    FOR EACH ROW EXECUTE FUNCTION portal_register_revoked();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['authorisation', 'authorisationterms', 'authorisationdocument', 'trainingrecord', 'authorisationreminder'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['authorisationchange', 'registercell'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
END $$;
