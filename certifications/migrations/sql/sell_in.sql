-- A sighting stays as it was reported: it can be taken back once; nothing else of it changes, and no row goes.
CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_sighting
    FOR EACH ROW EXECUTE FUNCTION portal_keep_columns('taken_back_at', 'taken_back_by_id');
CREATE TRIGGER portal_keep_taken_back BEFORE UPDATE ON certifications_sighting
    FOR EACH ROW EXECUTE FUNCTION portal_keep_once('taken_back_at');
CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_sighting FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_sighting FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();

-- What leaves the manufacturer and comes back to it is the manufacturer's own to report; a month belongs to a distributor.
CREATE FUNCTION portal_shipment_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_rows m
        JOIN certifications_organisation o ON o.id = m.organisation_id
        LEFT JOIN certifications_organisation other
               ON other.id = CASE m.kind WHEN 'sell_in' THEN m.to_organisation_id ELSE m.from_organisation_id END
        WHERE m.kind IN ('sell_in', 'sell_back')
          AND (o.kind <> 'manufacturer' OR other.kind <> 'distributor'
               OR o.id <> CASE m.kind WHEN 'sell_in' THEN m.from_organisation_id ELSE m.to_organisation_id END)
    ) THEN
        RAISE EXCEPTION 'a shipment goes from the manufacturer that reports it to a distributor, or back' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER portal_shipment_own AFTER INSERT ON certifications_movement
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION portal_shipment_own();
