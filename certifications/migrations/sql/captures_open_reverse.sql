CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_evidencedocument FOR EACH ROW
    EXECUTE FUNCTION portal_keep_columns('title', 'status', 'text', 'proposal', 'reader', 'problem', 'confirmed_at',
                                         'confirmed_by_id', 'withdrawn_reason');
