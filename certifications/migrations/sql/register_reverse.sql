DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['authorisation', 'authorisationterms', 'authorisationdocument', 'trainingrecord', 'authorisationreminder',
                                'authorisationchange', 'registercell'] LOOP
        EXECUTE format('DROP TRIGGER portal_refuse_row ON certifications_%s', name);
        EXECUTE format('DROP TRIGGER portal_refuse_truncate ON certifications_%s', name);
    END LOOP;
END $$;
ALTER TABLE certifications_registercell DROP CONSTRAINT register_no_overlap;
DROP TRIGGER portal_register_revoked ON certifications_authorisationchange;
DROP TRIGGER portal_authorisation_change ON certifications_authorisationchange;
DROP TRIGGER portal_register_cells ON certifications_authorisationterms;
DROP TRIGGER portal_register_terms ON certifications_authorisationterms;
DROP FUNCTION portal_register_revoked();
DROP FUNCTION portal_authorisation_change();
DROP FUNCTION portal_register_cells();
DROP FUNCTION portal_register_terms();
DROP FUNCTION portal_in_force(text, date, timestamptz);
DROP FUNCTION portal_codes(text);
DROP FUNCTION portal_register_lock();
