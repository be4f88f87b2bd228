-- Products, their units and groups of equivalents say what two people agreed to; a set of undertakings and a group are whole.

-- A product begins without a word that counts, and may not be declared before a version says so.
CREATE FUNCTION portal_product_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.version_number <> 0 OR NEW.is_current) AND NOT portal_catalogue_is_new() THEN
        RAISE EXCEPTION 'a product begins without a version' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- A version says what was agreed to, and each agreement makes one (its key is unique).
CREATE FUNCTION portal_product_version_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.proposal_id IS NULL AND NEW.number = 1 AND portal_catalogue_is_new() THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM certifications_catalogueproposal p JOIN certifications_product g ON g.catalogue_number = p.subject
        WHERE p.id = NEW.proposal_id AND p.kind = 'product' AND p.state = 'effective' AND g.id = NEW.product_id
          AND p.content = jsonb_build_object(
              'name', NEW.name, 'name_zh', NEW.name_zh, 'line', NEW.line, 'unit', NEW.unit, 'unit_zh', NEW.unit_zh,
              'samples_per_unit', NEW.samples_per_unit, 'classification', NEW.classification, 'is_current', NEW.is_current,
              'from_date', NEW.from_date::text, 'units', NEW.units)
    ) THEN
        RAISE EXCEPTION 'two people agree to a version of a product' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- A further unit is one of the version in force: none is added, changed, or taken from it.
CREATE FUNCTION portal_product_unit_says() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unit certifications_productunit := COALESCE(NEW, OLD);
    is_said boolean := EXISTS (
        SELECT 1 FROM certifications_product g
        JOIN certifications_productversion v ON v.product_id = g.id AND v.number = g.version_number
        CROSS JOIN jsonb_array_elements(v.units) AS said (pair)
        WHERE g.id = unit.product_id AND said.pair ->> 0 = unit.name AND (said.pair ->> 1)::numeric = unit.factor);
BEGIN
    IF TG_OP = 'UPDATE' OR is_said <> (TG_OP = 'INSERT') THEN
        RAISE EXCEPTION 'a product has the units that its version says' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN unit;
END $$;

-- The name of a group is never used twice, so that one agreement makes one group.
CREATE FUNCTION portal_group_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.ended_at IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM certifications_catalogueproposal p
        WHERE p.kind = 'group' AND p.state = 'effective' AND p.subject = NEW.name AND p.agreed_by_id = NEW.approved_by_id
    ) THEN
        RAISE EXCEPTION 'two people agree to a group of equivalents' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION portal_equivalent_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM certifications_equivalencegroup g
        JOIN certifications_catalogueproposal p ON p.kind = 'group' AND p.state = 'effective' AND p.subject = g.name
        JOIN certifications_product o ON o.id = NEW.product_id
        WHERE g.id = NEW.group_id AND g.ended_at IS NULL
          AND (p.content -> 'measures' ->> o.catalogue_number)::numeric = NEW.measure
    ) THEN
        RAISE EXCEPTION 'two people agree to each equivalent' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- Asked when the transaction ends: whatever was agreed to is there whole.
CREATE FUNCTION portal_group_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM certifications_equivalencegroup g WHERE g.id = NEW.id AND g.ended_at IS NULL) AND (
        SELECT count(*) FROM certifications_equivalent e WHERE e.group_id = NEW.id
    ) <> (
        SELECT count(*) FROM certifications_catalogueproposal p, jsonb_object_keys(p.content -> 'measures')
        WHERE p.kind = 'group' AND p.state = 'effective' AND p.subject = NEW.name
    ) THEN
        RAISE EXCEPTION 'a group of equivalents holds all that was agreed to' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;

-- Each undertaking is the one that was agreed to under its number, so that as many as were agreed to are all of them.
CREATE FUNCTION portal_clause_set_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held bigint := (SELECT count(*) FROM certifications_clause c WHERE c.clause_set_id = NEW.id);
    agreed int := (SELECT jsonb_array_length(p.content -> 'clauses') FROM certifications_catalogueproposal p WHERE p.id = NEW.proposal_id);
BEGIN
    IF held = 0 OR held <> COALESCE(agreed, held) THEN
        RAISE EXCEPTION 'a set holds all its undertakings' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER portal_product_begins BEFORE INSERT ON certifications_product
    FOR EACH ROW EXECUTE FUNCTION portal_product_begins();
CREATE TRIGGER portal_product_version_agreed BEFORE INSERT ON certifications_productversion
    FOR EACH ROW EXECUTE FUNCTION portal_product_version_agreed();
CREATE TRIGGER portal_product_unit_says BEFORE INSERT OR UPDATE OR DELETE ON certifications_productunit
    FOR EACH ROW EXECUTE FUNCTION portal_product_unit_says();
CREATE TRIGGER portal_group_agreed BEFORE INSERT ON certifications_equivalencegroup
    FOR EACH ROW EXECUTE FUNCTION portal_group_agreed();
CREATE TRIGGER portal_equivalent_agreed BEFORE INSERT ON certifications_equivalent
    FOR EACH ROW EXECUTE FUNCTION portal_equivalent_agreed();
CREATE CONSTRAINT TRIGGER portal_group_whole AFTER INSERT ON certifications_equivalencegroup
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION portal_group_whole();
CREATE CONSTRAINT TRIGGER portal_clause_set_whole AFTER INSERT ON certifications_clauseset
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION portal_clause_set_whole();
