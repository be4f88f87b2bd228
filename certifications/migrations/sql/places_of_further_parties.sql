ALTER TABLE certifications_declarationparty DISABLE TRIGGER portal_keep_signed_line;
WITH signed AS (
    SELECT f.version_id, f.canonical::jsonb AS told FROM certifications_frozentext f
    WHERE EXISTS (SELECT 1 FROM certifications_declarationparty p WHERE p.version_id = f.version_id AND p.country = '')
), told AS (
    SELECT s.version_id, 'end_user' AS role, u.n, u.party ->> 'country' AS country
    FROM signed s CROSS JOIN LATERAL jsonb_array_elements(s.told -> 'other_end_users') WITH ORDINALITY AS u (party, n)
    UNION ALL
    SELECT s.version_id, w.one ->> 'role', row_number() OVER (PARTITION BY s.version_id, w.one ->> 'role' ORDER BY w.n),
           w.one #>> '{party,country}'
    FROM signed s CROSS JOIN LATERAL jsonb_array_elements(s.told -> 'on_the_way') WITH ORDINALITY AS w (one, n)
), held AS (
    SELECT p.id, p.version_id, p.role, p.country, now.country AS country_now, now.division AS division_now,
           row_number() OVER (PARTITION BY p.version_id, p.role ORDER BY p.position) AS n
    FROM certifications_declarationparty p
    JOIN signed s ON s.version_id = p.version_id
    JOIN certifications_customer c ON c.id = p.customer_id
    JOIN certifications_party now ON now.id = c.party_id
)
UPDATE certifications_declarationparty p
SET country = told.country, division = CASE WHEN held.country_now = told.country THEN held.division_now ELSE '' END
FROM held JOIN told USING (version_id, role, n)
WHERE p.id = held.id AND held.country = '' AND told.country <> '';
ALTER TABLE certifications_declarationparty ENABLE TRIGGER portal_keep_signed_line;
