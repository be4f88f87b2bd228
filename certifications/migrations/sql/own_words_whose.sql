-- What was asked or printed so far is of the declaration's end user where its own text names exactly that one: every name that stands there is a
-- name of it, and the numbers are the same. A draft may have been given another end user since; what cannot be told stays empty, and
-- counts by its digest as before. These columns never change otherwise.
ALTER TABLE certifications_enduserrequest DISABLE TRIGGER portal_keep_columns;
ALTER TABLE certifications_enduserrequest DISABLE TRIGGER portal_keep_closed;
ALTER TABLE certifications_printedstatement DISABLE TRIGGER portal_keep_columns;
ALTER TABLE certifications_printedstatement DISABLE TRIGGER portal_keep_printed;
CREATE FUNCTION portal_own_words_of(whose text, canonical text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM jsonb_array_elements_text(canonical::jsonb #> '{end_user,names}'))
        AND NOT EXISTS (
            SELECT name FROM jsonb_array_elements_text(canonical::jsonb #> '{end_user,names}') AS told(name)
            EXCEPT SELECT n.text FROM certifications_partyname n WHERE n.party_id = whose)
        AND NOT EXISTS (
            (SELECT i->>'scheme', i->>'value' FROM jsonb_array_elements(canonical::jsonb #> '{end_user,identifiers}') AS told(i)
             EXCEPT SELECT n.scheme, n.value FROM certifications_identifier n WHERE n.party_id = whose)
            UNION ALL
            (SELECT n.scheme, n.value FROM certifications_identifier n WHERE n.party_id = whose
             EXCEPT SELECT i->>'scheme', i->>'value' FROM jsonb_array_elements(canonical::jsonb #> '{end_user,identifiers}') AS told(i)))
$$;
UPDATE certifications_enduserrequest r SET customer_id = c.id
FROM certifications_declaration d JOIN certifications_customer c ON c.id = d.customer_id
WHERE d.id = r.declaration_id AND portal_own_words_of(c.party_id, r.canonical);
UPDATE certifications_printedstatement s SET customer_id = c.id
FROM certifications_declaration d JOIN certifications_customer c ON c.id = d.customer_id
WHERE d.id = s.declaration_id AND portal_own_words_of(c.party_id, s.canonical);
DROP FUNCTION portal_own_words_of(text, text);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE certifications_enduserrequest ENABLE TRIGGER portal_keep_columns;
ALTER TABLE certifications_enduserrequest ENABLE TRIGGER portal_keep_closed;
ALTER TABLE certifications_printedstatement ENABLE TRIGGER portal_keep_columns;
ALTER TABLE certifications_printedstatement ENABLE TRIGGER portal_keep_printed;
