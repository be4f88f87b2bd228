-- The questionnaire: two people agree to every version, each question says what was agreed to, and answers are added and never changed.

CREATE FUNCTION portal_questionnaire_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM certifications_catalogueproposal p
        WHERE p.id = NEW.proposal_id AND p.kind = 'questions' AND p.state = 'effective'
          AND p.content -> 'holds_signing' = to_jsonb(NEW.holds_signing)
    ) THEN
        RAISE EXCEPTION 'two people agree to a version of the questionnaire' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION portal_question_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    agreed jsonb;
BEGIN
    SELECT p.content -> 'questions' -> (NEW.number - 1) INTO agreed
    FROM certifications_questionnaire q JOIN certifications_catalogueproposal p ON p.id = q.proposal_id
    WHERE q.id = NEW.questionnaire_id;
    -- A number below one would count from the end of the list.
    IF NEW.number < 1 OR agreed IS DISTINCT FROM
       to_jsonb(NEW) - 'id' - 'questionnaire_id' - 'number' - 'fingerprint' THEN
        RAISE EXCEPTION 'two people agree to each question' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- An answer is about the thing that its question asks, and given by somebody of the customer's own distributor.
CREATE FUNCTION portal_answer_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM certifications_questionnairequestion q WHERE q.id = NEW.question_id AND q.fingerprint = NEW.fingerprint) THEN
        RAISE EXCEPTION 'an answer is kept with what was asked' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM certifications_membership m JOIN certifications_customer c ON c.organisation_id = m.organisation_id
                   WHERE c.id = NEW.customer_id AND m.user_id = NEW.answered_by_id) THEN
        RAISE EXCEPTION 'a distributor answers for its own customers' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER portal_questionnaire_agreed BEFORE INSERT ON certifications_questionnaire FOR EACH ROW
    EXECUTE FUNCTION portal_questionnaire_agreed();
CREATE TRIGGER portal_question_agreed BEFORE INSERT ON certifications_questionnairequestion FOR EACH ROW
    EXECUTE FUNCTION portal_question_agreed();
CREATE TRIGGER portal_answer_fits BEFORE INSERT ON certifications_questionnaireanswer FOR EACH ROW EXECUTE FUNCTION portal_answer_fits();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_questionnaire FOR EACH ROW EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_questionnaire FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_questionnairequestion FOR EACH ROW
    EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_questionnairequestion FOR EACH STATEMENT
    EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_row BEFORE UPDATE OR DELETE ON certifications_questionnaireanswer FOR EACH ROW
    EXECUTE FUNCTION portal_refuse();
CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_questionnaireanswer FOR EACH STATEMENT
    EXECUTE FUNCTION portal_refuse();
