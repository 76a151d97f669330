-- Staff who are customers too: one person, one account of staff ------------------------------------------------------
ALTER TABLE staff ADD COLUMN customer_id CHAR(36) REFERENCES customer (id);
CREATE UNIQUE INDEX staff_one_of_customer ON staff (customer_id) WHERE customer_id IS NOT NULL;

-- Who looked at whom, and what was shown in clear: written once, never changed ----------------------------------------
CREATE TABLE staff_access (
    id CHAR(36) PRIMARY KEY,
    staff_id CHAR(36) NOT NULL REFERENCES staff (id),
    role TEXT NOT NULL CHECK (role IN ('RISK', 'COMPLIANCE', 'PRIVACY', 'OPERATOR')),
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    purpose TEXT NOT NULL
        CHECK (purpose IN ('REFERRAL', 'FREEZE', 'APPEAL', 'COMPLAINT', 'AUDIT', 'PRIVACY_REQUEST')),
    case_kind TEXT,
    case_id CHAR(36),
    reason_sealed BLOB NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    CHECK (expires_at > opened_at),
    CHECK ((case_kind IS NULL) = (case_id IS NULL))
);
CREATE INDEX staff_access_of_customer ON staff_access (customer_id, id);

CREATE TABLE staff_access_reveal (
    id CHAR(36) PRIMARY KEY,
    access_id CHAR(36) NOT NULL REFERENCES staff_access (id),
    staff_id CHAR(36) NOT NULL REFERENCES staff (id),
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    field TEXT NOT NULL CHECK (field IN ('NAME', 'ID_NUMBER', 'PHONE')),
    reason_sealed BLOB NOT NULL,
    revealed_at TIMESTAMP NOT NULL
);
CREATE INDEX staff_access_reveal_of_access ON staff_access_reveal (access_id, id);

CREATE TRIGGER staff_access_stays BEFORE UPDATE ON staff_access
BEGIN
    SELECT RAISE(ABORT, 'staff_access only grows');
END;
CREATE TRIGGER staff_access_remains BEFORE DELETE ON staff_access
BEGIN
    SELECT RAISE(ABORT, 'staff_access only grows');
END;
-- A replacing insert deletes without a trigger of deletion
CREATE TRIGGER staff_access_once BEFORE INSERT ON staff_access
    WHEN EXISTS (SELECT 1 FROM staff_access WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'staff_access only grows');
END;
CREATE TRIGGER staff_access_reveal_stays BEFORE UPDATE ON staff_access_reveal
BEGIN
    SELECT RAISE(ABORT, 'staff_access_reveal only grows');
END;
CREATE TRIGGER staff_access_reveal_remains BEFORE DELETE ON staff_access_reveal
BEGIN
    SELECT RAISE(ABORT, 'staff_access_reveal only grows');
END;
CREATE TRIGGER staff_access_reveal_once BEFORE INSERT ON staff_access_reveal
    WHEN EXISTS (SELECT 1 FROM staff_access_reveal WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'staff_access_reveal only grows');
END;

-- Maker and checker ---------------------------------------------------------------------------------------------------
CREATE TABLE approval (
    id CHAR(36) PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('RELEASE', 'PUBLISH_WORDING')),
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
