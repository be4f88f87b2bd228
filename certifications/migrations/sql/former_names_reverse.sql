DROP TRIGGER portal_parted_by_two ON certifications_identityanswer;
DROP FUNCTION portal_parted_by_two();
DROP TRIGGER portal_keep_former ON certifications_identifier;
DROP TRIGGER portal_keep_former ON certifications_partyname;
DROP FUNCTION portal_keep_former();
DROP INDEX former_key_number;
DROP INDEX former_key_folded;
DROP TRIGGER portal_refuse_truncate ON certifications_formerkey;
DROP TRIGGER portal_refuse_row ON certifications_formerkey;
