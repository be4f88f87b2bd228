-- A name without what does not count in the public check: width, case, kinds of brackets, spaces. Every other letter counts.
CREATE FUNCTION portal_folded_name(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(regexp_replace(lower(normalize(name, NFKC)), '\s+', '', 'g'), '[]{}<>〔〕【】〖〗〈〉《》「」', '()()()()()()()()()')
$$;
CREATE INDEX party_name_folded ON certifications_partyname (portal_folded_name(text));
