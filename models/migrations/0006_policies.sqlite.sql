-- The policies: a document each, drafted by one officer, published by another, then frozen ------------------------------
CREATE TABLE policy_version (
    id CHAR(36) PRIMARY KEY,
    segment TEXT NOT NULL,
    version TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('DRAFT', 'PUBLISHED', 'REJECTED')),
    maker_id CHAR(36) REFERENCES staff (id),
    made_at TIMESTAMP NOT NULL,
    checker_id CHAR(36) REFERENCES staff (id),
    checked_at TIMESTAMP,
    effective_from TIMESTAMP NOT NULL,
    CHECK (maker_id <> checker_id),
    CHECK ((checker_id IS NULL) = (checked_at IS NULL)),
    CHECK ((checker_id IS NOT NULL) = (maker_id IS NOT NULL AND state <> 'DRAFT')),
    CHECK (maker_id IS NOT NULL OR state = 'PUBLISHED'),
    CHECK (state <> 'PUBLISHED' OR checked_at IS NULL OR effective_from > checked_at)
);
CREATE UNIQUE INDEX policy_version_one_from ON policy_version (segment, effective_from) WHERE state = 'PUBLISHED';
CREATE INDEX policy_version_of_segment ON policy_version (segment, id);
CREATE TRIGGER policy_version_frozen BEFORE UPDATE ON policy_version
    WHEN OLD.state <> 'DRAFT' OR NEW.id <> OLD.id OR NEW.segment <> OLD.segment OR NEW.version <> OLD.version
        OR NEW.document <> OLD.document OR NEW.sha256 <> OLD.sha256 OR NEW.maker_id IS NOT OLD.maker_id
        OR NEW.made_at <> OLD.made_at OR NEW.effective_from <> OLD.effective_from
BEGIN
    SELECT RAISE(ABORT, 'a policy is checked once, as it was made');
END;
CREATE TRIGGER policy_version_remains BEFORE DELETE ON policy_version
BEGIN
    SELECT RAISE(ABORT, 'a policy is kept');
END;
-- A replacing insert deletes without a trigger of deletion
CREATE TRIGGER policy_version_once BEFORE INSERT ON policy_version
    WHEN EXISTS (SELECT 1 FROM policy_version
        WHERE id = NEW.id OR version = NEW.version OR sha256 = NEW.sha256
            OR (segment = NEW.segment AND effective_from = NEW.effective_from AND state = 'PUBLISHED'
                AND NEW.state = 'PUBLISHED'))
BEGIN
    SELECT RAISE(ABORT, 'a policy is kept');
END;

-- A decision names the very text that it was made by; null only before this step ----------------------------------------
ALTER TABLE decision ADD COLUMN policy_sha256 TEXT;

-- Two people for a policy too: the table of approvals anew, with one more kind ------------------------------------------
CREATE TABLE approval_kept AS SELECT * FROM approval;
DROP TABLE approval;
CREATE TABLE approval (
    id CHAR(36) PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('RELEASE', 'PUBLISH_WORDING', 'PUBLISH_POLICY')),
    subject TEXT NOT NULL,
    customer_id CHAR(36) REFERENCES customer (id),
    payload TEXT NOT NULL,
    maker_id CHAR(36) NOT NULL REFERENCES staff (id),
    made_at TIMESTAMP NOT NULL,
    maker_note TEXT,
    maker_note_sealed BLOB,
    checker_id CHAR(36) REFERENCES staff (id),
    checked_at TIMESTAMP,
    outcome TEXT CHECK (outcome IN ('CONFIRMED', 'REJECTED')),
    checker_note TEXT,
    checker_note_sealed BLOB,
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
CREATE TRIGGER approval_checked_once BEFORE UPDATE ON approval
    WHEN OLD.outcome IS NOT NULL OR NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.subject <> OLD.subject
        OR NEW.payload <> OLD.payload OR NEW.maker_id <> OLD.maker_id
BEGIN
    SELECT RAISE(ABORT, 'an approval is checked once, as it was made');
END;
CREATE TRIGGER approval_remains BEFORE DELETE ON approval
BEGIN
    SELECT RAISE(ABORT, 'an approval is kept');
END;
