-- What was asked or printed so far was so of a declaration for a single end user. Its columns never change otherwise.
ALTER TABLE certifications_enduserrequest DISABLE TRIGGER portal_keep_columns;
ALTER TABLE certifications_enduserrequest DISABLE TRIGGER portal_keep_closed;
ALTER TABLE certifications_printedstatement DISABLE TRIGGER portal_keep_columns;
ALTER TABLE certifications_printedstatement DISABLE TRIGGER portal_keep_printed;
UPDATE certifications_enduserrequest r SET customer_id = d.customer_id FROM certifications_declaration d WHERE d.id = r.declaration_id;
UPDATE certifications_printedstatement s SET customer_id = d.customer_id FROM certifications_declaration d WHERE d.id = s.declaration_id;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE certifications_enduserrequest ENABLE TRIGGER portal_keep_columns;
ALTER TABLE certifications_enduserrequest ENABLE TRIGGER portal_keep_closed;
ALTER TABLE certifications_printedstatement ENABLE TRIGGER portal_keep_columns;
ALTER TABLE certifications_printedstatement ENABLE TRIGGER portal_keep_printed;
