-- The rules that the portal is set up with are checked before a trigger is put on their table.
SET CONSTRAINTS ALL IMMEDIATE;

-- Who owns whom, as it was stated: nothing of a statement changes but its end, once, and letting go what was held.

CREATE FUNCTION portal_keep_ownership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL AND (
        (NEW.ended_at, NEW.ended_by_id, NEW.ended_reason) IS DISTINCT FROM (OLD.ended_at, OLD.ended_by_id, OLD.ended_reason)
        OR (NEW.held AND NOT OLD.held)
    ) THEN
        RAISE EXCEPTION 'a statement of ownership that was ended stays ended as it was' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_ownership
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('ended_at', 'ended_by_id', 'ended_reason', 'held');
CREATE TRIGGER portal_keep_end BEFORE UPDATE ON certifications_ownership
    FOR EACH ROW EXECUTE FUNCTION portal_keep_ownership();
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_ownership
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_ownership
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

-- Rules of ownership: two people bring one, two people end it, and nothing else of it ever changes. Those that the portal is set up
-- with were written before this guard stood.
CREATE FUNCTION portal_ownership_rule_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT 1 FROM certifications_catalogueproposal p
                       WHERE p.id = NEW.proposal_id AND p.kind = 'owners' AND p.state = 'effective'
                         AND p.content ->> 'from_date' = NEW.from_date::text
                         AND (p.content ->> 'threshold')::numeric = NEW.threshold) THEN
            RAISE EXCEPTION 'two people agree to a rule of ownership' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.until IS NULL OR NOT EXISTS (
        SELECT 1 FROM certifications_catalogueproposal p
        WHERE p.state = 'effective'
          AND ((p.kind = 'owners_end' AND p.subject = OLD.number AND p.content ->> 'until' = NEW.until::text)
               OR (p.kind = 'owners' AND p.content ->> 'replaces' = OLD.number AND p.content ->> 'from_date' = NEW.until::text))
    ) THEN
        RAISE EXCEPTION 'two people end a rule of ownership' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_ownership_rule_agreed BEFORE INSERT OR UPDATE ON certifications_ownershiprule
    FOR EACH ROW EXECUTE FUNCTION portal_ownership_rule_agreed();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_ownershiprule
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('until');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_ownershiprule
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_ownershiprule
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
