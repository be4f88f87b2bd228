DROP FUNCTION IF EXISTS portal_refuse() CASCADE;
DROP FUNCTION IF EXISTS portal_keep_decision() CASCADE;
DROP FUNCTION IF EXISTS portal_keep_status_change() CASCADE;
DROP FUNCTION IF EXISTS portal_attestation_status() CASCADE;
DROP FUNCTION IF EXISTS portal_attestation_born_pending() CASCADE;
DROP FUNCTION IF EXISTS portal_keep_signed_version() CASCADE;
DROP FUNCTION IF EXISTS portal_keep_signed_line() CASCADE;
