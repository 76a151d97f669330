-- What a customer is told: written with the thing that it tells, delivered after commit, told once ---------------------
CREATE TABLE notice (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    kind text NOT NULL CHECK (kind IN (
        'DECISION', 'INCREASE_DECISION', 'INQUIRY_MADE', 'DUE_SOON', 'LATE', 'LIMIT_CUT', 'FREEZE', 'RELEASE',
        'APPEAL_ANSWERED', 'PAYOUT_DONE', 'PAYOUT_FAILED', 'REPAYMENT_RECEIVED', 'CONSENT_WITHDRAWN'
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

-- What reaching a decision cost: processor time of our own, case by case; no person is in it ---------------------------
CREATE TABLE assessment_cost (
    case_id uuid PRIMARY KEY,
    walks integer NOT NULL CHECK (walks > 0),
    cpu_us bigint NOT NULL CHECK (cpu_us >= 0)
);
CREATE INDEX decision_by_moment ON decision (decided_at);

-- The last business day on which every line was looked at by the rules of watching -------------------------------------
ALTER TABLE business_clock ADD COLUMN swept_on date;
