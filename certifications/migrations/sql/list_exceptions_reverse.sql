DROP TRIGGER portal_list_version ON certifications_listversion;
DROP TRIGGER portal_list_exception_born_proposed ON certifications_listexception;
DROP TRIGGER portal_keep_list_exception ON certifications_listexception;
DROP TRIGGER portal_refuse_truncate ON certifications_listexception;
DROP TRIGGER portal_refuse_row ON certifications_listexception;
DROP FUNCTION portal_list_version();
DROP FUNCTION portal_list_exception_born_proposed();
DROP FUNCTION portal_keep_list_exception();
-- What older code knows: an accepted version has no refusal, and a refusal is short.
UPDATE certifications_listversion SET refusal = CASE WHEN state = 'accepted' THEN '' ELSE left(refusal, 300) END;
