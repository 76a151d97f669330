-- The policies: a document each, drafted by one officer, published by another, then frozen ------------------------------
CREATE TABLE policy_version (
    id uuid PRIMARY KEY,
    segment text NOT NULL,
    version text NOT NULL UNIQUE,
    document text NOT NULL,
    sha256 text NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('DRAFT', 'PUBLISHED', 'REJECTED')),
    maker_id uuid REFERENCES staff (id),
    made_at timestamptz NOT NULL,
    checker_id uuid REFERENCES staff (id),
    checked_at timestamptz,
    effective_from timestamptz NOT NULL,
    CHECK (maker_id <> checker_id),
    CHECK ((checker_id IS NULL) = (checked_at IS NULL)),
    CHECK ((checker_id IS NOT NULL) = (maker_id IS NOT NULL AND state <> 'DRAFT')),
    CHECK (maker_id IS NOT NULL OR state = 'PUBLISHED'),
    CHECK (state <> 'PUBLISHED' OR checked_at IS NULL OR effective_from > checked_at)
);
CREATE UNIQUE INDEX policy_version_one_from ON policy_version (segment, effective_from) WHERE state = 'PUBLISHED';
CREATE INDEX policy_version_of_segment ON policy_version (segment, id);
CREATE FUNCTION keep_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'DRAFT' OR NEW.id <> OLD.id OR NEW.segment <> OLD.segment
        OR NEW.version <> OLD.version OR NEW.document <> OLD.document OR NEW.sha256 <> OLD.sha256
        OR NEW.maker_id IS DISTINCT FROM OLD.maker_id OR NEW.made_at <> OLD.made_at
        OR NEW.effective_from <> OLD.effective_from THEN
        RAISE EXCEPTION 'a policy is kept, and checked once, as it was made'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER policy_version_frozen BEFORE UPDATE OR DELETE ON policy_version
    FOR EACH ROW EXECUTE FUNCTION keep_policy();
CREATE TRIGGER policy_version_remains BEFORE TRUNCATE ON policy_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_any_change();

-- A decision names the very text that it was made by; null only before this step ----------------------------------------
ALTER TABLE decision ADD COLUMN policy_sha256 text;

-- Two people for a policy too: the table of approvals anew, with one more kind ------------------------------------------
CREATE TABLE approval_kept AS SELECT * FROM approval;
DROP TABLE approval;
CREATE TABLE approval (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('RELEASE', 'PUBLISH_WORDING', 'PUBLISH_POLICY')),
    subject text NOT NULL,
    customer_id uuid REFERENCES customer (id),
    payload text NOT NULL,
    maker_id uuid NOT NULL REFERENCES staff (id),
    made_at timestamptz NOT NULL,
    maker_note text,
    maker_note_sealed bytea,
    checker_id uuid REFERENCES staff (id),
    checked_at timestamptz,
    outcome text CHECK (outcome IN ('CONFIRMED', 'REJECTED')),
    checker_note text,
    checker_note_sealed bytea,
    CHECK (maker_id <> checker_id),
    CHECK ((checker_id IS NULL) = (outcome IS NULL)),
    CHECK ((checked_at IS NULL) = (outcome IS NULL)),
    CHECK ((customer_id IS NOT NULL) = (kind = 'RELEASE')),
    CHECK ((maker_note IS NULL) = (customer_id IS NOT NULL)),
    CHECK ((maker_note_sealed IS NULL) = (customer_id IS NULL)),
    CHECK ((checker_note IS NOT NULL) = (outcome IS NOT NULL AND customer_id IS NULL)),
    CHECK ((checker_note_sealed IS NOT NULL) = (outcome IS NOT NULL AND customer_id IS NOT NULL))
);
CREATE UNIQUE INDEX approval_one_pending ON approval (kind, subject) WHERE outcome IS NULL;
CREATE INDEX approval_of_customer ON approval (customer_id, id);
INSERT INTO approval SELECT * FROM approval_kept;
DROP TABLE approval_kept;
CREATE TRIGGER approval_checked_once BEFORE UPDATE OR DELETE ON approval
    FOR EACH ROW EXECUTE FUNCTION check_approval_once();
