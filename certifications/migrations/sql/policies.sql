-- Policies: two people bring one, two people end it, and nothing else of it ever changes.

CREATE FUNCTION portal_policy_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT 1 FROM certifications_catalogueproposal p
                       WHERE p.id = NEW.proposal_id AND p.kind = 'policy' AND p.state = 'effective') THEN
            RAISE EXCEPTION 'two people agree to a policy' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.until IS NULL OR NOT EXISTS (
        SELECT 1 FROM certifications_catalogueproposal p
        WHERE p.state = 'effective'
          AND ((p.kind = 'policy_end' AND p.subject = OLD.number AND p.content ->> 'until' = NEW.until::text)
               OR (p.kind = 'policy' AND p.content ->> 'replaces' = OLD.number AND p.content ->> 'from_date' = NEW.until::text))
    ) THEN
        RAISE EXCEPTION 'two people end a policy' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_policy_agreed BEFORE INSERT OR UPDATE ON certifications_policy
    FOR EACH ROW EXECUTE FUNCTION portal_policy_agreed();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_policy
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('until');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_policy
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_policy
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

-- As before, and a policy that refuses such declarations is a passing fact too: its end is two people's, and whatever is
-- released is asked again.
CREATE OR REPLACE FUNCTION portal_keep_flag() RETURNS trigger LANGUAGE plpgsql AS $$
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
    IF NEW.state = 'cleared' AND NEW.rule IN ('UNSC', 'HELD', 'POLR') THEN
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
