-- What PostgreSQL itself refuses, whoever asks. Roles portal_app and portal_signer own nothing, so they cannot switch
-- a trigger off; a superuser can, which is why the record is also to be witnessed outside (architecture.md, rule 5).

CREATE FUNCTION portal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- A decision's words and its proposer never change; only its state, agreement and withdrawal do.
CREATE FUNCTION portal_keep_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.case_id, NEW.outcome, NEW.reason, NEW.explanation, NEW.needs_second, NEW.proposed_by_id, NEW.proposed_at,
        NEW.proposed_proof_id, NEW.digest)
       IS DISTINCT FROM
       (OLD.case_id, OLD.outcome, OLD.reason, OLD.explanation, OLD.needs_second, OLD.proposed_by_id, OLD.proposed_at,
        OLD.proposed_proof_id, OLD.digest) THEN
        RAISE EXCEPTION 'the words of a decision never change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'a decision that took effect or was withdrawn never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION portal_keep_status_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.attestation_id, NEW."to", NEW.reason, NEW.explanation, NEW.public_reason, NEW.proposed_by_id,
        NEW.proposed_at, NEW.proposed_proof_id, NEW.digest)
       IS DISTINCT FROM
       (OLD.attestation_id, OLD."to", OLD.reason, OLD.explanation, OLD.public_reason, OLD.proposed_by_id,
        OLD.proposed_at, OLD.proposed_proof_id, OLD.digest) THEN
        RAISE EXCEPTION 'the words of a status change never change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'a status change that took effect or was withdrawn never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- An attestation is in force only with a seal, and is suspended, revoked or lifted only by two people.
CREATE FUNCTION portal_attestation_status() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE FUNCTION portal_attestation_born_pending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> 'pending' THEN
        RAISE EXCEPTION 'an attestation begins as pending' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- A version with a frozen text, and its lines, are what was signed: neither changes again.
CREATE FUNCTION portal_keep_signed_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM certifications_frozentext f WHERE f.version_id = OLD.id) THEN
        RAISE EXCEPTION 'a signed version never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;

CREATE FUNCTION portal_keep_signed_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched text := CASE WHEN TG_OP = 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM certifications_frozentext f WHERE f.version_id = touched) THEN
        RAISE EXCEPTION 'a signed version never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'event', 'frozentext', 'signature', 'receipt', 'screeningrun', 'finding', 'evidenceline', 'attestationpayload',
        'seal', 'blob', 'lookup', 'factorproof'
    ] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['decision', 'statuschange', 'attestation'] LOOP
        EXECUTE format('CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_%s '
                       'FOR EACH ROW EXECUTE FUNCTION portal_refuse()', name);
        EXECUTE format('CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse()', name);
    END LOOP;
END $$;

CREATE TRIGGER portal_keep_decision BEFORE UPDATE ON certifications_decision
    FOR EACH ROW EXECUTE FUNCTION portal_keep_decision();
CREATE TRIGGER portal_keep_status_change BEFORE UPDATE ON certifications_statuschange
    FOR EACH ROW EXECUTE FUNCTION portal_keep_status_change();
CREATE TRIGGER portal_attestation_status BEFORE UPDATE ON certifications_attestation
    FOR EACH ROW EXECUTE FUNCTION portal_attestation_status();
CREATE TRIGGER portal_attestation_born_pending BEFORE INSERT ON certifications_attestation
    FOR EACH ROW EXECUTE FUNCTION portal_attestation_born_pending();
CREATE TRIGGER portal_keep_signed_version BEFORE UPDATE OR DELETE ON certifications_declarationversion
    FOR EACH ROW EXECUTE FUNCTION portal_keep_signed_version();
CREATE TRIGGER portal_keep_signed_line BEFORE INSERT OR UPDATE OR DELETE ON certifications_declarationline
    FOR EACH ROW EXECUTE FUNCTION portal_keep_signed_line();
