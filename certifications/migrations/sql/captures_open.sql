-- Rows of the record are completed once, by the owner and in this migration alone; captures.sql closes them again.
DROP TRIGGER portal_keep_columns ON certifications_evidencedocument;
ALTER TABLE certifications_evidenceline DISABLE TRIGGER portal_refuse_row;
