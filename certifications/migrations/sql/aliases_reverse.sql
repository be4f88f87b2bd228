DROP TRIGGER portal_refuse_truncate ON certifications_partyalias;
DROP TRIGGER portal_refuse_row ON certifications_partyalias;
DROP TRIGGER portal_keep_decided ON certifications_partyalias;
DROP TRIGGER portal_keep_columns ON certifications_partyalias;
DROP TRIGGER portal_alias_born_proposed ON certifications_partyalias;
DROP FUNCTION portal_keep_decided_alias();
DROP FUNCTION portal_alias_born_proposed();
