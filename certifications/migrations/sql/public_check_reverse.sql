DROP INDEX party_name_folded;
DROP FUNCTION portal_folded_name(text);
