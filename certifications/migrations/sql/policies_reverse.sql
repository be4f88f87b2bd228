DROP TRIGGER portal_refuse_truncate ON certifications_policy;
DROP TRIGGER portal_refuse_row ON certifications_policy;
DROP TRIGGER portal_keep_columns ON certifications_policy;
DROP TRIGGER portal_policy_agreed ON certifications_policy;
DROP FUNCTION portal_policy_agreed();
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
