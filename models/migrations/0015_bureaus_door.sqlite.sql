-- Three more things to be told: the table of notices anew -------------------------------------------------------------
CREATE TABLE notice_kept AS SELECT * FROM notice;
DROP TABLE notice;
CREATE TABLE notice (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    kind TEXT NOT NULL CHECK (kind IN (
        'DECISION', 'INCREASE_DECISION', 'INQUIRY_MADE', 'DUE_SOON', 'LATE', 'LIMIT_CUT', 'FREEZE', 'RELEASE',
        'APPEAL_ANSWERED', 'PAYOUT_DONE', 'PAYOUT_FAILED', 'REPAYMENT_RECEIVED', 'CONSENT_WITHDRAWN',
        'INQUIRY_UNANNOUNCED', 'DEBIT_FAILED', 'PAYMENT_CORRECTED', 'CREDIT_REFUNDED',
        'REQUEST_WAITS', 'REQUEST_ENDED', 'ROUTE_REOPENED'
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
CREATE INDEX notice_of_customer ON notice (customer_id, id);
CREATE INDEX notice_postponed ON notice (not_before) WHERE state = 'PENDING';
INSERT INTO notice SELECT * FROM notice_kept;
DROP TABLE notice_kept;

-- By which policy checkpoints were published, from which size on ------------------------------------------------------
CREATE TABLE tlog_policy (
    number INT PRIMARY KEY CHECK (number > 0),
    first_size BIGINT NOT NULL CHECK (first_size >= 0),
    policy BLOB NOT NULL,
    signature BLOB NOT NULL CHECK (length(signature) = 64),
    kept_at_us BIGINT NOT NULL
);
CREATE TRIGGER tlog_policy_stays BEFORE UPDATE ON tlog_policy
BEGIN
    SELECT RAISE(ABORT, 'tlog_policy only grows');
END;
CREATE TRIGGER tlog_policy_remains BEFORE DELETE ON tlog_policy
BEGIN
    SELECT RAISE(ABORT, 'tlog_policy only grows');
END;
-- A replacing insert deletes without a trigger of deletion
CREATE TRIGGER tlog_policy_once BEFORE INSERT ON tlog_policy
    WHEN EXISTS (SELECT 1 FROM tlog_policy WHERE number = NEW.number)
BEGIN
    SELECT RAISE(ABORT, 'tlog_policy only grows');
END;
