-- What a customer is told: written with the thing that it tells, delivered after commit, told once ---------------------
CREATE TABLE notice (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    kind TEXT NOT NULL CHECK (kind IN (
        'DECISION', 'INCREASE_DECISION', 'INQUIRY_MADE', 'DUE_SOON', 'LATE', 'LIMIT_CUT', 'FREEZE', 'RELEASE',
        'APPEAL_ANSWERED', 'PAYOUT_DONE', 'PAYOUT_FAILED', 'REPAYMENT_RECEIVED', 'CONSENT_WITHDRAWN'
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

-- What reaching a decision cost: processor time of our own, case by case; no person is in it ---------------------------
CREATE TABLE assessment_cost (
    case_id CHAR(36) PRIMARY KEY,
    walks INT NOT NULL CHECK (walks > 0),
    cpu_us BIGINT NOT NULL CHECK (cpu_us >= 0)
);
CREATE INDEX decision_by_moment ON decision (decided_at);

-- The last business day on which every line was looked at by the rules of watching -------------------------------------
ALTER TABLE business_clock ADD COLUMN swept_on DATE;
