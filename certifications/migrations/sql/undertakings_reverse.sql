DROP TRIGGER portal_refuse_row ON certifications_clause;
DROP TRIGGER portal_refuse_row ON certifications_clauseset;
DROP TRIGGER portal_clause_agreed ON certifications_clause;
DROP TRIGGER portal_clause_set_agreed ON certifications_clauseset;
DROP FUNCTION portal_clause_agreed();
DROP FUNCTION portal_clause_set_agreed();
DROP FUNCTION portal_catalogue_is_new();
CREATE TRIGGER portal_keep_clause BEFORE UPDATE OR DELETE ON certifications_clause FOR EACH ROW
    EXECUTE FUNCTION portal_keep_clause();
CREATE TRIGGER portal_keep_clause BEFORE UPDATE OR DELETE ON certifications_clauseset FOR EACH ROW
    EXECUTE FUNCTION portal_keep_clause();
