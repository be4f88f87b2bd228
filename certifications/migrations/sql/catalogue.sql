-- The catalogue: what was said of a product stays said, and what needs two people has them.

-- A product says what a version of it says, later than the one before. What a declaration names keeps its number, line and unit.
CREATE FUNCTION portal_product_says() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.catalogue_number, NEW.line, NEW.unit, NEW.unit_zh) IS DISTINCT FROM (OLD.catalogue_number, OLD.line, OLD.unit, OLD.unit_zh)
       AND EXISTS (SELECT 1 FROM certifications_declarationline l WHERE l.product_id = OLD.id) THEN
        RAISE EXCEPTION 'number, line and unit of a product that was declared never change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF to_jsonb(NEW) - 'catalogue_number' IS DISTINCT FROM to_jsonb(OLD) - 'catalogue_number' AND NOT EXISTS (
        SELECT 1 FROM certifications_productversion v
        WHERE v.product_id = NEW.id AND v.number = NEW.version_number AND v.number > OLD.version_number
          AND (v.name, v.name_zh, v.line, v.unit, v.unit_zh, v.samples_per_unit, v.classification, v.is_current)
              IS NOT DISTINCT FROM
              (NEW.name, NEW.name_zh, NEW.line, NEW.unit, NEW.unit_zh, NEW.samples_per_unit, NEW.classification, NEW.is_current)
    ) THEN
        RAISE EXCEPTION 'a product says what its version says' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- The civil day of the record is at most one day from PostgreSQL's.
CREATE FUNCTION portal_version_looks_ahead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number > 1 AND NEW.from_date < (clock_timestamp() AT TIME ZONE 'UTC')::date - 1 THEN
        RAISE EXCEPTION 'a version of a product is not back-dated' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION portal_catalogue_born_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'proposed' OR NEW.agreed_by_id IS NOT NULL THEN
        RAISE EXCEPTION 'a change of the catalogue begins as proposed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION portal_keep_decided_catalogue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'proposed' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'a proposal that took effect or was refused never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- A group of equivalents is never renamed or deleted, its measures never change, and two people end it.
CREATE FUNCTION portal_group_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ended text := CASE WHEN TG_TABLE_NAME = 'certifications_equivalent' THEN to_jsonb(OLD) ->> 'group_id' ELSE to_jsonb(OLD) ->> 'id' END;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM certifications_catalogueproposal p
                   WHERE p.kind = 'group_end' AND p.state = 'effective' AND p.content ->> 'group' = ended) THEN
        RAISE EXCEPTION 'two people end a group of equivalents' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;

CREATE TRIGGER portal_product_says BEFORE UPDATE ON certifications_product
    FOR EACH ROW EXECUTE FUNCTION portal_product_says();
CREATE TRIGGER portal_version_looks_ahead BEFORE INSERT ON certifications_productversion
    FOR EACH ROW EXECUTE FUNCTION portal_version_looks_ahead();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_productversion
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_productversion
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_catalogue_born_proposed BEFORE INSERT ON certifications_catalogueproposal
    FOR EACH ROW EXECUTE FUNCTION portal_catalogue_born_proposed();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_catalogueproposal
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns(
        'state', 'agreed_by_id', 'agreed_at', 'agreed_proof_id', 'voided_by_id', 'voided_at');
CREATE TRIGGER portal_keep_decided BEFORE UPDATE ON certifications_catalogueproposal
    FOR EACH ROW EXECUTE FUNCTION portal_keep_decided_catalogue();
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_catalogueproposal
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_catalogueproposal
    FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_group_stays BEFORE DELETE ON certifications_equivalent
    FOR EACH ROW EXECUTE FUNCTION portal_group_stays();
CREATE TRIGGER portal_group_stays BEFORE UPDATE ON certifications_equivalencegroup
    FOR EACH ROW EXECUTE FUNCTION portal_group_stays();
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_equivalencegroup
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('ended_at');
CREATE TRIGGER portal_refuse_row BEFORE UPDATE ON certifications_equivalent
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_equivalencegroup
    FOR EACH ROW EXECUTE FUNCTION portal_refuse();
