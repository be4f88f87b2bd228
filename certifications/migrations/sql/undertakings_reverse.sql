DROP TRIGGER portal_refuse_row ON certifications_clause;
DROP TRIGGER portal_refuse_row ON certifications_clauseset;
DROP TRIGGER portal_clause_set_whole ON certifications_clause;
DROP TRIGGER portal_clause_set_agreed ON certifications_clauseset;
DROP FUNCTION portal_clause_set_whole();
DROP FUNCTION portal_clause_set_agreed();
