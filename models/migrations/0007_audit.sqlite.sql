-- Audits: each run with how far it has come, what was found, and all that happened to a finding since ---------------
CREATE TABLE audit_run (
    id CHAR(36) PRIMARY KEY,
    cause TEXT NOT NULL CHECK (cause IN ('CALENDAR', 'OFFICER')),
    business_date DATE NOT NULL,
    started_at TIMESTAMP NOT NULL,
    started_by CHAR(36) REFERENCES staff (id),
    state TEXT NOT NULL CHECK (state IN ('RUNNING', 'DONE')),
    progress TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 0,
    ended_at TIMESTAMP,
    CHECK ((cause = 'OFFICER') = (started_by IS NOT NULL)),
    CHECK ((state = 'DONE') = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX audit_run_one_running ON audit_run (state) WHERE state = 'RUNNING';

-- Whom a finding is about may be nobody that the book knows: then that is what was found, and no key forbids to say so
CREATE TABLE audit_finding (
    id CHAR(36) PRIMARY KEY,
    rule TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id CHAR(36) NOT NULL,
    problem TEXT NOT NULL CHECK (problem <> ''),
    detail TEXT NOT NULL,
    customer_id CHAR(36),
    staff_id CHAR(36),
    severity TEXT NOT NULL CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH')),
    state TEXT NOT NULL CHECK (state IN ('OPEN', 'ASSIGNED', 'CLOSED', 'REOPENED')),
    due_on DATE NOT NULL,
    found_at TIMESTAMP NOT NULL,
    found_run_id CHAR(36) NOT NULL REFERENCES audit_run (id),
    seen_at TIMESTAMP NOT NULL,
    seen_run_id CHAR(36) NOT NULL REFERENCES audit_run (id),
    seen_as TEXT NOT NULL CHECK (seen_as IN ('NEW', 'KNOWN', 'REOPENED', 'REMAINS')),
    times_seen INT NOT NULL CHECK (times_seen > 0),
    assigned_to CHAR(36) REFERENCES staff (id),
    closing TEXT CHECK (closing IN ('MENDED', 'REMAINS')),
    closed_at TIMESTAMP,
    closed_by CHAR(36) REFERENCES staff (id),
    evidence_sealed BLOB,
    key_wrapped BLOB NOT NULL,
    UNIQUE (rule, subject_kind, subject_id),
    CHECK ((state = 'CLOSED') = (closing IS NOT NULL)),
    CHECK ((state = 'CLOSED') = (closed_at IS NOT NULL)),
    CHECK ((state = 'CLOSED') = (closed_by IS NOT NULL)),
    CHECK ((state = 'CLOSED') = (evidence_sealed IS NOT NULL)),
    CHECK (state <> 'ASSIGNED' OR assigned_to IS NOT NULL),
    CHECK (closed_by <> staff_id),
    CHECK (assigned_to <> staff_id)
);
CREATE INDEX audit_finding_by_state ON audit_finding (state, id);
CREATE INDEX audit_finding_of_run ON audit_finding (seen_run_id, id);

CREATE TABLE audit_finding_step (
    id CHAR(36) PRIMARY KEY,
    finding_id CHAR(36) NOT NULL REFERENCES audit_finding (id),
    number INT NOT NULL CHECK (number > 0),
    kind TEXT NOT NULL CHECK (kind IN ('FOUND', 'ASSIGNED', 'CLOSED', 'REOPENED')),
    made_at TIMESTAMP NOT NULL,
    run_id CHAR(36) REFERENCES audit_run (id),
    made_by CHAR(36) REFERENCES staff (id),
    assigned_to CHAR(36) REFERENCES staff (id),
    closing TEXT CHECK (closing IN ('MENDED', 'REMAINS')),
    note_sealed BLOB,
    UNIQUE (finding_id, number),
    CHECK ((run_id IS NULL) <> (made_by IS NULL)),
    CHECK ((made_by IS NULL) = (note_sealed IS NULL)),
    CHECK (kind <> 'FOUND' OR run_id IS NOT NULL),
    CHECK (kind NOT IN ('ASSIGNED', 'CLOSED') OR made_by IS NOT NULL),
    CHECK ((kind = 'ASSIGNED') = (assigned_to IS NOT NULL)),
    CHECK ((kind = 'CLOSED') = (closing IS NOT NULL))
);

CREATE TRIGGER audit_finding_stays BEFORE UPDATE ON audit_finding
    WHEN NEW.id <> OLD.id OR NEW.rule <> OLD.rule OR NEW.subject_kind <> OLD.subject_kind
        OR NEW.subject_id <> OLD.subject_id OR NEW.found_at <> OLD.found_at OR NEW.found_run_id <> OLD.found_run_id
        OR NEW.key_wrapped <> OLD.key_wrapped OR NEW.times_seen < OLD.times_seen
BEGIN
    SELECT RAISE(ABORT, 'a finding stays what it was found as');
END;
CREATE TRIGGER audit_finding_remains BEFORE DELETE ON audit_finding
BEGIN
    SELECT RAISE(ABORT, 'a finding is kept');
END;
CREATE TRIGGER audit_finding_once BEFORE INSERT ON audit_finding
    WHEN EXISTS (SELECT 1 FROM audit_finding WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'a finding is kept');
END;
CREATE TRIGGER audit_finding_step_stays BEFORE UPDATE ON audit_finding_step
BEGIN
    SELECT RAISE(ABORT, 'audit_finding_step only grows');
END;
CREATE TRIGGER audit_finding_step_remains BEFORE DELETE ON audit_finding_step
BEGIN
    SELECT RAISE(ABORT, 'audit_finding_step only grows');
END;
-- A replacing insert deletes without a trigger of deletion
CREATE TRIGGER audit_finding_step_once BEFORE INSERT ON audit_finding_step
    WHEN EXISTS (SELECT 1 FROM audit_finding_step WHERE id = NEW.id
        OR (finding_id = NEW.finding_id AND number = NEW.number))
BEGIN
    SELECT RAISE(ABORT, 'audit_finding_step only grows');
END;
