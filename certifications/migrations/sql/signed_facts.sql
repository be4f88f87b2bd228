-- An attestation is in force only with a seal, and is suspended, revoked or lifted only by two people.
CREATE OR REPLACE FUNCTION portal_attestation_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.number, NEW.code, NEW.declaration_id, NEW.version_id, NEW.released_by_id, NEW.released_at, NEW.valid_from, NEW.valid_until)
       IS DISTINCT FROM
       (OLD.number, OLD.code, OLD.declaration_id, OLD.version_id, OLD.released_by_id, OLD.released_at, OLD.valid_from, OLD.valid_until) THEN
        RAISE EXCEPTION 'what an attestation says never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.status = OLD.status THEN
        RETURN NEW;
    END IF;
    IF OLD.status = 'pending' AND NEW.status = 'void' THEN
        IF EXISTS (SELECT 1 FROM certifications_seal s WHERE s.attestation_id = NEW.id) THEN
            RAISE EXCEPTION 'a sealed attestation is not taken back' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF OLD.status IN ('void', 'revoked') THEN
        RAISE EXCEPTION 'an attestation that is over stays so' USING ERRCODE = 'insufficient_privilege';
    ELSIF NEW.status = 'void' THEN
        RAISE EXCEPTION 'only what was never sealed is taken back' USING ERRCODE = 'insufficient_privilege';
    ELSIF OLD.status = 'pending' THEN
        IF NEW.status <> 'valid' OR NOT EXISTS (SELECT 1 FROM certifications_seal s WHERE s.attestation_id = NEW.id) THEN
            RAISE EXCEPTION 'an attestation comes into force by its seal alone' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NEW.status IN ('suspended', 'revoked', 'valid') THEN
        IF NOT EXISTS (
            SELECT 1 FROM certifications_statuschange c
            WHERE c.attestation_id = NEW.id AND c."to" = NEW.status AND c.state = 'effective'
              AND c.agreed_by_id IS NOT NULL AND c.agreed_by_id <> c.proposed_by_id
              AND c.agreed_at >= OLD.released_at
              AND NOT EXISTS (
                  SELECT 1 FROM certifications_statuschange later
                  WHERE later.attestation_id = c.attestation_id AND later.state = 'effective' AND later.agreed_at > c.agreed_at
              )
        ) THEN
            RAISE EXCEPTION 'two people change the status of an attestation' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NEW.status = 'pending' THEN
        RAISE EXCEPTION 'an attestation does not become pending again' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- What a flag says never changes, and no single person judges a grave one, whatever the application writes: the
-- judgement needs a decision on its case that two people made, since the case was last opened again. A flag that states
-- a passing fact (not screened; held for a concern elsewhere) clears itself when the fact is gone.
CREATE FUNCTION portal_keep_flag() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.rule, NEW.rule_version, NEW.severity, NEW.case_id, NEW.declaration_id, NEW.line_id, NEW.party_id, NEW.inputs,
        NEW.thresholds, NEW.fingerprint, NEW.first_at)
       IS DISTINCT FROM
       (OLD.rule, OLD.rule_version, OLD.severity, OLD.case_id, OLD.declaration_id, OLD.line_id, OLD.party_id, OLD.inputs,
        OLD.thresholds, OLD.fingerprint, OLD.first_at) THEN
        RAISE EXCEPTION 'what a flag says never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state = OLD.state OR NEW.state NOT IN ('cleared', 'confirmed') OR NEW.severity NOT IN ('high', 'critical') THEN
        RETURN NEW;
    END IF;
    IF NEW.state = 'cleared' AND NEW.rule IN ('UNSC', 'HELD') THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM certifications_decision d JOIN certifications_case c ON c.id = d.case_id
        WHERE d.case_id = NEW.case_id AND d.state = 'effective'
          AND d.outcome = CASE NEW.state WHEN 'cleared' THEN 'clear' ELSE 'confirm' END
          AND d.agreed_by_id IS NOT NULL AND d.agreed_by_id <> d.proposed_by_id
          AND d.agreed_at > COALESCE(c.reopened_at, '-infinity')
    ) THEN
        RAISE EXCEPTION 'two people judge a grave flag' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_keep_flag BEFORE UPDATE ON certifications_flag FOR EACH ROW EXECUTE FUNCTION portal_keep_flag();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['flag', 'case'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
END $$;
