-- Three more things to be told: the table of notices anew -------------------------------------------------------------
CREATE TABLE notice_kept AS SELECT * FROM notice;
DROP TABLE notice;
CREATE TABLE notice (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    kind text NOT NULL CHECK (kind IN (
        'DECISION', 'INCREASE_DECISION', 'INQUIRY_MADE', 'DUE_SOON', 'LATE', 'LIMIT_CUT', 'FREEZE', 'RELEASE',
        'APPEAL_ANSWERED', 'PAYOUT_DONE', 'PAYOUT_FAILED', 'REPAYMENT_RECEIVED', 'CONSENT_WITHDRAWN',
        'INQUIRY_UNANNOUNCED', 'DEBIT_FAILED', 'PAYMENT_CORRECTED', 'CREDIT_REFUNDED',
        'REQUEST_WAITS', 'REQUEST_ENDED', 'ROUTE_REOPENED'
    )),
    about_id uuid NOT NULL,
    period text NOT NULL,
    facts_sealed bytea NOT NULL,
    arose_at timestamptz NOT NULL,
    not_before timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('PENDING', 'SENT', 'FAILED', 'LAPSED')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    closed_at timestamptz,
    read_at timestamptz,
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
    number integer PRIMARY KEY CHECK (number > 0),
    first_size bigint NOT NULL CHECK (first_size >= 0),
    policy bytea NOT NULL,
    signature bytea NOT NULL CHECK (length(signature) = 64),
    kept_at_us bigint NOT NULL
);
CREATE TRIGGER tlog_policy_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON tlog_policy
    FOR EACH STATEMENT EXECUTE FUNCTION tlog_refuse('tlog_policy only grows');
