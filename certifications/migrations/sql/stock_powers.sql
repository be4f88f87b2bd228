-- Whoever confirms an opening stock signs for the distributor: a live role, a factor for exactly these rows, and, where it was once
-- given a power by delegation, one that is in force for this act and every line that is counted. Days as portal_signed_within_power says.
CREATE FUNCTION portal_stock_within_power() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM certifications_membership m
        WHERE m.user_id = NEW.confirmed_by_id AND m.organisation_id = NEW.organisation_id AND m.role = 'signatory' AND m.ended_at IS NULL
          AND (m.expires_on IS NULL OR m.expires_on > current_date - 1)
    ) THEN
        RAISE EXCEPTION 'only a signatory confirms an opening stock' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM certifications_factorproof p WHERE p.id = NEW.proof_id AND p.user_id = NEW.confirmed_by_id AND p.digest = NEW.digest
    ) THEN
        RAISE EXCEPTION 'the factor was given for other rows' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.under = '{}'::jsonb THEN
        IF EXISTS (SELECT 1 FROM certifications_delegation d WHERE d.delegate_id = NEW.confirmed_by_id AND d.state = 'effective') THEN
            RAISE EXCEPTION 'who has a delegation confirms within one' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NOT EXISTS (
        SELECT 1 FROM certifications_delegation d
        WHERE d.id = NEW.under ->> 'id' AND d.number = NEW.under ->> 'number' AND d.delegate_id = NEW.confirmed_by_id
          AND d.organisation_id = NEW.organisation_id AND d.state = 'effective' AND 'stock' = ANY (d.kinds)
          AND d.valid_from <= current_date + 1 AND d.valid_until > current_date - 1
          AND (d.ended_from IS NULL OR d.ended_from > current_date - 1)
          AND (cardinality(d.lines) = 0 OR NOT EXISTS (
              SELECT 1 FROM certifications_stockcount s JOIN certifications_product p ON p.id = s.product_id
              WHERE s.organisation_id = NEW.organisation_id AND p.line <> ALL (d.lines)
                AND NOT EXISTS (SELECT 1 FROM certifications_stockcount n WHERE n.supersedes_id = s.id)))
    ) THEN
        RAISE EXCEPTION 'no such delegation is in force' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_stock_within_power BEFORE INSERT ON certifications_stockconfirmation
    FOR EACH ROW EXECUTE FUNCTION portal_stock_within_power();
