-- What two people do is never one INSERT: a first day, a decision on a letter, and the end of a statement on a listed owner.

CREATE FUNCTION portal_born_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) ->> 'state' <> 'proposed' OR to_jsonb(NEW) ->> 'agreed_by_id' IS NOT NULL THEN
        RAISE EXCEPTION 'what two people do begins as proposed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_born_proposed BEFORE INSERT ON certifications_programmestart
    FOR EACH ROW EXECUTE FUNCTION portal_born_proposed();
CREATE TRIGGER portal_born_proposed BEFORE INSERT ON certifications_letterdecision
    FOR EACH ROW WHEN (NEW.needs_second) EXECUTE FUNCTION portal_born_proposed();

-- A letter goes its own ways alone, whatever else is in order.
CREATE FUNCTION portal_letter_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
        ('screening', 'waiting'), ('screening', 'withdrawn'), ('waiting', 'issuing'), ('waiting', 'refused'), ('waiting', 'withdrawn'),
        ('issuing', 'valid'), ('issuing', 'waiting'), ('valid', 'expired'), ('valid', 'revoked'), ('expired', 'revoked')
    ) THEN
        RAISE EXCEPTION 'a letter does not go from % to %', OLD.status, NEW.status USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_letter_way BEFORE UPDATE ON certifications_letter
    FOR EACH ROW EXECUTE FUNCTION portal_letter_way();

-- Whoever was once given a power by delegation signs within one alone: its days, its product lines and its limit. Days are those of
-- the exporter's calendar, which PostgreSQL is not told: it allows one day to each side, and the application asks exactly.
CREATE OR REPLACE FUNCTION portal_signed_within_power() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.under = '{}'::jsonb THEN
        IF EXISTS (SELECT 1 FROM certifications_delegation d WHERE d.delegate_id = NEW.signed_by_id AND d.state = 'effective') THEN
            RAISE EXCEPTION 'who has a delegation signs within one' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NOT EXISTS (
        SELECT 1 FROM certifications_delegation d
        WHERE d.id = NEW.under ->> 'id' AND d.number = NEW.under ->> 'number' AND d.delegate_id = NEW.signed_by_id
          AND d.state = 'effective' AND 'declarations' = ANY (d.kinds)
          AND d.valid_from <= current_date + 1 AND d.valid_until > current_date - 1
          AND (d.ended_from IS NULL OR d.ended_from > current_date - 1)
          AND NOT EXISTS (
              SELECT 1 FROM certifications_declarationline l JOIN certifications_product p ON p.id = l.product_id
              WHERE l.version_id = NEW.version_id
                AND ((cardinality(d.lines) > 0 AND p.line <> ALL (d.lines)) OR l.quantity > d.most))
    ) THEN
        RAISE EXCEPTION 'no such delegation is in force' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- An emergency access that nobody agreed to for a day is over, and one that is open can be closed before its time, once.
CREATE OR REPLACE FUNCTION portal_keep_emergency() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closing text[] := ARRAY['closed_at', 'closed_by_id'];
BEGIN
    IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD AND (
        OLD.closed_at IS NOT NULL OR to_jsonb(NEW) - closing IS DISTINCT FROM to_jsonb(OLD) - closing
    ) THEN
        RAISE EXCEPTION 'an emergency access that was decided never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.open_until > now() + interval '4 hours 1 minute' AND NEW.open_until IS DISTINCT FROM OLD.open_until THEN
        RAISE EXCEPTION 'an emergency access lasts four hours' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state = 'effective' AND OLD.state = 'proposed' AND OLD.proposed_at < now() - interval '24 hours 1 minute' THEN
        RAISE EXCEPTION 'an emergency access that nobody agreed to for a day is over' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER portal_keep_columns ON certifications_emergencyaccess;
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_emergencyaccess
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns(
        'state', 'agreed_by_id', 'agreed_at', 'agreed_proof_id', 'voided_by_id', 'voided_at', 'open_until', 'closed_at', 'closed_by_id');
CREATE OR REPLACE FUNCTION portal_look_while_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM certifications_emergencyaccess a
        WHERE a.id = NEW.access_id AND a.state = 'effective' AND a.proposed_by_id = NEW.by_id AND a.open_until > now()
          AND a.closed_at IS NULL
    ) THEN
        RAISE EXCEPTION 'nobody looks outside an open emergency access' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- A statement on an owner ends at once only where no finding on the owner, or on anybody above it, is open or confirmed; what is held
-- is let go by two people.
CREATE FUNCTION portal_listed_above(asked text) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up(id) AS (
        SELECT asked
        UNION
        SELECT o.owner_id FROM certifications_ownership o JOIN up ON o.party_id = up.id
        WHERE o.owner_id IS NOT NULL AND (o.ended_at IS NULL OR o.held)
    )
    SELECT EXISTS (SELECT 1 FROM certifications_flag f JOIN up ON f.party_id = up.id
                   WHERE f.rule = 'LIST' AND f.state IN ('open', 'confirmed'))
$$;
CREATE OR REPLACE FUNCTION portal_keep_ownership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.ended_at IS NOT NULL OR NEW.let_go_by_id IS NOT NULL OR NEW.let_go_agreed_by_id IS NOT NULL THEN
            RAISE EXCEPTION 'a statement of ownership begins without its end' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.ended_at IS NOT NULL AND (
        (NEW.ended_at, NEW.ended_by_id, NEW.ended_reason) IS DISTINCT FROM (OLD.ended_at, OLD.ended_by_id, OLD.ended_reason)
        OR (NEW.held AND NOT OLD.held)
    ) THEN
        RAISE EXCEPTION 'a statement of ownership that was ended stays ended as it was' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (OLD.let_go_by_id IS NOT NULL AND NEW.let_go_by_id IS DISTINCT FROM OLD.let_go_by_id)
       OR (OLD.let_go_agreed_by_id IS NOT NULL AND NEW.let_go_agreed_by_id IS DISTINCT FROM OLD.let_go_agreed_by_id)
       OR (OLD.held AND NOT NEW.held AND (OLD.let_go_by_id IS NULL OR NEW.let_go_agreed_by_id IS NULL
                                          OR NEW.let_go_agreed_by_id = OLD.let_go_by_id)) THEN
        RAISE EXCEPTION 'two people let go what is held' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND NOT NEW.held AND portal_listed_above(NEW.owner_id) THEN
        RAISE EXCEPTION 'a statement on an owner that may be listed is held when it ends' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_born_open BEFORE INSERT ON certifications_ownership
    FOR EACH ROW EXECUTE FUNCTION portal_keep_ownership();
DROP TRIGGER portal_keep_columns ON certifications_ownership;
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_ownership
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('ended_at', 'ended_by_id', 'ended_reason', 'held', 'let_go_by_id', 'let_go_agreed_by_id');
