-- Payments: one, maybe for several loans; what the bank told of it; what was corrected; credit that goes back
CREATE TABLE payment (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('CUSTOMER', 'BANK', 'OFFICER', 'DEBIT')),
    reference text NOT NULL UNIQUE CHECK (reference <> ''),
    effective_on date NOT NULL,
    received_at timestamptz NOT NULL,
    undone_at timestamptz,
    undone_as text CHECK (undone_as IN ('RETURNED', 'MISTAKEN')),
    CHECK ((undone_at IS NULL) = (undone_as IS NULL))
);
CREATE INDEX payment_of_customer ON payment (customer_id, id);
INSERT INTO payment (id, customer_id, amount_minor, currency, channel, reference, effective_on, received_at)
    SELECT id, customer_id, amount_minor, currency, 'CUSTOMER', CAST(id AS text), effective_on,
        received_at FROM repayment;

-- A repayment is the part of a payment that one loan took; undone, it never happened, and the rest is played again
ALTER TABLE repayment ADD COLUMN payment_id uuid REFERENCES payment (id);
UPDATE repayment SET payment_id = id;
ALTER TABLE repayment ADD COLUMN rule text CHECK (rule IN ('KEEP_TERM', 'KEEP_INSTALMENT'));
ALTER TABLE repayment ADD COLUMN undone_at timestamptz;
CREATE INDEX repayment_of_payment ON repayment (payment_id);
ALTER TABLE allocation ADD COLUMN on_interest boolean NOT NULL DEFAULT FALSE;
ALTER TABLE allocation ADD COLUMN replaced_at timestamptz;

-- The penalty on overdue interest, apart from the one on overdue principal
ALTER TABLE instalment ADD COLUMN interest_penalty_to date;
ALTER TABLE instalment ADD COLUMN interest_penalty_minor bigint NOT NULL DEFAULT 0 CHECK (interest_penalty_minor >= 0);
ALTER TABLE instalment ADD COLUMN paid_interest_penalty_minor bigint NOT NULL DEFAULT 0
    CHECK (paid_interest_penalty_minor >= 0);

-- A claim that left the book is still owed, and earns nothing from that day on
ALTER TABLE loan ADD COLUMN charged_off_on date;
ALTER TABLE loan ADD COLUMN charged_off_at timestamptz CHECK ((charged_off_at IS NULL) = (charged_off_on IS NULL));

CREATE TABLE loan_correction (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    loan_id uuid NOT NULL REFERENCES loan (id),
    kind text NOT NULL CHECK (kind IN ('RETURNED', 'MISTAKEN', 'BACK_DATED', 'CHARGED_OFF', 'PAYOUT_RETURNED')),
    payment_id uuid REFERENCES payment (id),
    actor text NOT NULL CHECK (actor <> ''),
    counted_from date NOT NULL,
    played_again integer NOT NULL CHECK (played_again >= 0),
    made_at timestamptz NOT NULL
);
CREATE INDEX loan_correction_of_loan ON loan_correction (loan_id, id);

CREATE TABLE contract_annex (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    loan_id uuid NOT NULL REFERENCES loan (id),
    repayment_id uuid NOT NULL UNIQUE REFERENCES repayment (id),
    language text NOT NULL,
    text_sealed bytea NOT NULL,
    sha256 text NOT NULL,
    issued_at timestamptz NOT NULL
);
CREATE INDEX contract_annex_of_loan ON contract_annex (loan_id, id);

CREATE TABLE credit_refund (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    state text NOT NULL CHECK (state IN ('PENDING', 'SENT', 'PAID', 'FAILED')),
    attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    failure_code text,
    created_at timestamptz NOT NULL,
    closed_at timestamptz,
    CHECK ((closed_at IS NULL) = (state IN ('PENDING', 'SENT')))
);
CREATE UNIQUE INDEX credit_refund_one_open ON credit_refund (customer_id) WHERE state IN ('PENDING', 'SENT');
CREATE INDEX credit_refund_of_customer ON credit_refund (customer_id, id);

CREATE TABLE bank_notice (
    id uuid PRIMARY KEY,
    notice_id text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('PAID', 'RETURNED', 'MISTAKEN')),
    reference text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    value_on date NOT NULL,
    customer_id uuid REFERENCES customer (id),
    loan_id uuid REFERENCES loan (id),
    body_sha256 bytea NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('BOOKED', 'UNDONE', 'KNOWN', 'WAITING', 'NEVER_BOOKED', 'FOR_A_PERSON')),
    problem text,
    received_at timestamptz NOT NULL,
    CHECK ((problem IS NOT NULL) = (outcome = 'FOR_A_PERSON'))
);
CREATE INDEX bank_notice_of_reference ON bank_notice (reference, id);
CREATE INDEX bank_notice_for_a_person ON bank_notice (id) WHERE outcome = 'FOR_A_PERSON';

-- Two people for a correction and for a charge-off: the table of approvals anew, with two more kinds ------------------
CREATE TABLE approval_kept AS SELECT * FROM approval;
DROP TABLE approval;
CREATE TABLE approval (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN (
        'RELEASE', 'PUBLISH_WORDING', 'PUBLISH_POLICY', 'RELEASE_ROUTE', 'CORRECTION', 'CHARGE_OFF'
    )),
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
    CHECK ((customer_id IS NOT NULL) = (kind IN ('RELEASE', 'CORRECTION', 'CHARGE_OFF'))),
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

-- Two more things to be told: the table of notices anew ---------------------------------------------------------------
CREATE TABLE notice_kept AS SELECT * FROM notice;
DROP TABLE notice;
CREATE TABLE notice (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    kind text NOT NULL CHECK (kind IN (
        'DECISION', 'INCREASE_DECISION', 'INQUIRY_MADE', 'DUE_SOON', 'LATE', 'LIMIT_CUT', 'FREEZE', 'RELEASE',
        'APPEAL_ANSWERED', 'PAYOUT_DONE', 'PAYOUT_FAILED', 'REPAYMENT_RECEIVED', 'CONSENT_WITHDRAWN',
        'INQUIRY_UNANNOUNCED', 'DEBIT_FAILED', 'PAYMENT_CORRECTED', 'CREDIT_REFUNDED'
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
