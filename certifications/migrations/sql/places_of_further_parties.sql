ALTER TABLE certifications_declarationparty DISABLE TRIGGER portal_keep_signed_line;
WITH signed AS (
    SELECT f.version_id, f.frozen_at, f.canonical::jsonb AS told FROM certifications_frozentext f
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
           -- A division of today is that of the signature only where nobody changed the customer since.
           EXISTS (SELECT 1 FROM certifications_event e WHERE e.object_type = 'Customer' AND e.object_id = c.id
                   AND e.verb = 'customer.edited' AND e.at > s.frozen_at) AS is_edited,
           row_number() OVER (PARTITION BY p.version_id, p.role ORDER BY p.position) AS n
    FROM certifications_declarationparty p
    JOIN signed s ON s.version_id = p.version_id
    JOIN certifications_customer c ON c.id = p.customer_id
    JOIN certifications_party now ON now.id = c.party_id
)
UPDATE certifications_declarationparty p
SET country = told.country, division = CASE WHEN held.country_now = told.country AND NOT held.is_edited THEN held.division_now ELSE '' END
FROM held JOIN told USING (version_id, role, n)
WHERE p.id = held.id AND held.country = '' AND told.country <> '';
ALTER TABLE certifications_declarationparty ENABLE TRIGGER portal_keep_signed_line;
