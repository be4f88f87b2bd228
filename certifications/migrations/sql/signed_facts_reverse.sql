DROP TRIGGER portal_keep_flag ON certifications_flag;
DROP FUNCTION portal_keep_flag();
DROP TRIGGER portal_refuse_row ON certifications_flag;
DROP TRIGGER portal_refuse_truncate ON certifications_flag;
DROP TRIGGER portal_refuse_row ON certifications_case;
DROP TRIGGER portal_refuse_truncate ON certifications_case;
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
    IF OLD.status = 'pending' THEN
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

