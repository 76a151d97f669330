-- What the bureau holds under our name beside what we hold, and the bureau's route, which stays shut until two people open it -
CREATE TABLE reconciliation (
    id CHAR(36) PRIMARY KEY,
    business_date DATE NOT NULL,
    done_at TIMESTAMP NOT NULL,
    records BIGINT NOT NULL CHECK (records >= 0),
    changed BIGINT NOT NULL CHECK (changed >= 0),
    settled BIGINT NOT NULL CHECK (settled >= 0)
);
CREATE INDEX reconciliation_of_day ON reconciliation (business_date);

CREATE TABLE reconciliation_result (
    id CHAR(36) PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE CHECK (length(reference) BETWEEN 1 AND 64),
    result TEXT NOT NULL CHECK (result IN (
        'MATCHED', 'OURS_ONLY', 'BUREAU_ONLY', 'DUPLICATE', 'PURPOSE_MISMATCH', 'TIME_SKEW'
    )),
    inquiry_id CHAR(36) UNIQUE REFERENCES inquiry (id),
    customer_id CHAR(36) REFERENCES customer (id),
    recorded_at TIMESTAMP,
    found_at TIMESTAMP NOT NULL,
    CHECK (inquiry_id IS NULL OR customer_id IS NOT NULL),
    CHECK ((recorded_at IS NULL) = (result = 'OURS_ONLY'))
);
CREATE INDEX reconciliation_result_of_customer ON reconciliation_result (customer_id, id);
CREATE INDEX reconciliation_result_differs ON reconciliation_result (result) WHERE result <> 'MATCHED';
CREATE TRIGGER reconciliation_result_remains BEFORE DELETE ON reconciliation_result
BEGIN
    SELECT RAISE(ABORT, 'what was found at the bureau is kept');
END;

CREATE TABLE route_freeze (
    id CHAR(36) PRIMARY KEY,
    result_id CHAR(36) NOT NULL REFERENCES reconciliation_result (id),
    frozen_at TIMESTAMP NOT NULL,
    released_at TIMESTAMP,
    approval_id CHAR(36),
    CHECK ((released_at IS NULL) = (approval_id IS NULL))
);
CREATE UNIQUE INDEX route_freeze_one_running ON route_freeze ((released_at IS NULL)) WHERE released_at IS NULL;
CREATE TRIGGER route_freeze_ends_once BEFORE UPDATE ON route_freeze
    WHEN OLD.released_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.result_id <> OLD.result_id OR NEW.frozen_at <> OLD.frozen_at
BEGIN
    SELECT RAISE(ABORT, 'a freeze of the route ends once, as it began');
END;
CREATE TRIGGER route_freeze_remains BEFORE DELETE ON route_freeze
BEGIN
    SELECT RAISE(ABORT, 'a freeze of the route is kept');
END;

-- Two people for the route too: the table of approvals anew, with one more kind ------------------------------------------
CREATE TABLE approval_kept AS SELECT * FROM approval;
DROP TABLE approval;
CREATE TABLE approval (
    id CHAR(36) PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('RELEASE', 'PUBLISH_WORDING', 'PUBLISH_POLICY', 'RELEASE_ROUTE')),
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

-- A customer is told of an inquiry that nobody announced: the table of notices anew, with one more kind ------------------
CREATE TABLE notice_kept AS SELECT * FROM notice;
DROP TABLE notice;
CREATE TABLE notice (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    kind TEXT NOT NULL CHECK (kind IN (
        'DECISION', 'INCREASE_DECISION', 'INQUIRY_MADE', 'DUE_SOON', 'LATE', 'LIMIT_CUT', 'FREEZE', 'RELEASE',
        'APPEAL_ANSWERED', 'PAYOUT_DONE', 'PAYOUT_FAILED', 'REPAYMENT_RECEIVED', 'CONSENT_WITHDRAWN',
        'INQUIRY_UNANNOUNCED'
    )),
    about_id CHAR(36) NOT NULL,
    period TEXT NOT NULL,
    facts_sealed BLOB NOT NULL,
    arose_at TIMESTAMP NOT NULL,
    not_before TIMESTAMP NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('PENDING', 'SENT', 'FAILED', 'LAPSED')),
    attempts INT NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    closed_at TIMESTAMP,
    read_at TIMESTAMP,
    UNIQUE (kind, about_id, period),
    CHECK ((state = 'PENDING') = (closed_at IS NULL)),
    CHECK (state <> 'LAPSED' OR kind IN ('DUE_SOON', 'LATE')),
    CHECK (not_before = arose_at OR kind IN ('DUE_SOON', 'LATE'))
);
INSERT INTO notice SELECT * FROM notice_kept;
DROP TABLE notice_kept;
CREATE INDEX notice_of_customer ON notice (customer_id, id);
CREATE INDEX notice_postponed ON notice (not_before) WHERE state = 'PENDING';
