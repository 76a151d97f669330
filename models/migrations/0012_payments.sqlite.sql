-- Payments: one, maybe for several loans; what the bank told of it; what was corrected; credit that goes back
CREATE TABLE payment (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('CUSTOMER', 'BANK', 'OFFICER', 'DEBIT')),
    reference TEXT NOT NULL UNIQUE CHECK (reference <> ''),
    effective_on DATE NOT NULL,
    received_at TIMESTAMP NOT NULL,
    undone_at TIMESTAMP,
    undone_as TEXT CHECK (undone_as IN ('RETURNED', 'MISTAKEN')),
    CHECK ((undone_at IS NULL) = (undone_as IS NULL))
);
CREATE INDEX payment_of_customer ON payment (customer_id, id);
INSERT INTO payment (id, customer_id, amount_minor, currency, channel, reference, effective_on, received_at)
    SELECT id, customer_id, amount_minor, currency, 'CUSTOMER', CAST(id AS text), effective_on,
        received_at FROM repayment;

-- A repayment is the part of a payment that one loan took; undone, it never happened, and the rest is played again
ALTER TABLE repayment ADD COLUMN payment_id CHAR(36) REFERENCES payment (id);
UPDATE repayment SET payment_id = id;
ALTER TABLE repayment ADD COLUMN rule TEXT CHECK (rule IN ('KEEP_TERM', 'KEEP_INSTALMENT'));
ALTER TABLE repayment ADD COLUMN undone_at TIMESTAMP;
CREATE INDEX repayment_of_payment ON repayment (payment_id);
ALTER TABLE allocation ADD COLUMN on_interest INTEGER NOT NULL DEFAULT FALSE;
ALTER TABLE allocation ADD COLUMN replaced_at TIMESTAMP;

-- The penalty on overdue interest, apart from the one on overdue principal
ALTER TABLE instalment ADD COLUMN interest_penalty_to DATE;
ALTER TABLE instalment ADD COLUMN interest_penalty_minor BIGINT NOT NULL DEFAULT 0 CHECK (interest_penalty_minor >= 0);
ALTER TABLE instalment ADD COLUMN paid_interest_penalty_minor BIGINT NOT NULL DEFAULT 0
    CHECK (paid_interest_penalty_minor >= 0);

-- A claim that left the book is still owed, and earns nothing from that day on
ALTER TABLE loan ADD COLUMN charged_off_on DATE;
ALTER TABLE loan ADD COLUMN charged_off_at TIMESTAMP CHECK ((charged_off_at IS NULL) = (charged_off_on IS NULL));

CREATE TABLE loan_correction (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    loan_id CHAR(36) NOT NULL REFERENCES loan (id),
    kind TEXT NOT NULL CHECK (kind IN ('RETURNED', 'MISTAKEN', 'BACK_DATED', 'CHARGED_OFF', 'PAYOUT_RETURNED')),
    payment_id CHAR(36) REFERENCES payment (id),
    actor TEXT NOT NULL CHECK (actor <> ''),
    counted_from DATE NOT NULL,
    played_again INT NOT NULL CHECK (played_again >= 0),
    made_at TIMESTAMP NOT NULL
);
CREATE INDEX loan_correction_of_loan ON loan_correction (loan_id, id);

CREATE TABLE contract_annex (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    loan_id CHAR(36) NOT NULL REFERENCES loan (id),
    repayment_id CHAR(36) NOT NULL UNIQUE REFERENCES repayment (id),
    language TEXT NOT NULL,
    text_sealed BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL
);
CREATE INDEX contract_annex_of_loan ON contract_annex (loan_id, id);

CREATE TABLE credit_refund (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('PENDING', 'SENT', 'PAID', 'FAILED')),
    attempt INT NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    failure_code TEXT,
    created_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP,
    CHECK ((closed_at IS NULL) = (state IN ('PENDING', 'SENT')))
);
CREATE UNIQUE INDEX credit_refund_one_open ON credit_refund (customer_id) WHERE state IN ('PENDING', 'SENT');
CREATE INDEX credit_refund_of_customer ON credit_refund (customer_id, id);

CREATE TABLE bank_notice (
    id CHAR(36) PRIMARY KEY,
    notice_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('PAID', 'RETURNED', 'MISTAKEN')),
    reference TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    value_on DATE NOT NULL,
    customer_id CHAR(36) REFERENCES customer (id),
    loan_id CHAR(36) REFERENCES loan (id),
    body_sha256 BLOB NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('BOOKED', 'UNDONE', 'KNOWN', 'WAITING', 'NEVER_BOOKED', 'FOR_A_PERSON')),
    problem TEXT,
    received_at TIMESTAMP NOT NULL,
    CHECK ((problem IS NOT NULL) = (outcome = 'FOR_A_PERSON'))
);
CREATE INDEX bank_notice_of_reference ON bank_notice (reference, id);
CREATE INDEX bank_notice_for_a_person ON bank_notice (id) WHERE outcome = 'FOR_A_PERSON';

-- Two people for a correction and for a charge-off: the table of approvals anew, with two more kinds ------------------
CREATE TABLE approval_kept AS SELECT * FROM approval;
DROP TABLE approval;
CREATE TABLE approval (
    id CHAR(36) PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN (
        'RELEASE', 'PUBLISH_WORDING', 'PUBLISH_POLICY', 'RELEASE_ROUTE', 'CORRECTION', 'CHARGE_OFF'
    )),
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

-- Two more things to be told: the table of notices anew ---------------------------------------------------------------
CREATE TABLE notice_kept AS SELECT * FROM notice;
DROP TABLE notice;
CREATE TABLE notice (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    kind TEXT NOT NULL CHECK (kind IN (
        'DECISION', 'INCREASE_DECISION', 'INQUIRY_MADE', 'DUE_SOON', 'LATE', 'LIMIT_CUT', 'FREEZE', 'RELEASE',
        'APPEAL_ANSWERED', 'PAYOUT_DONE', 'PAYOUT_FAILED', 'REPAYMENT_RECEIVED', 'CONSENT_WITHDRAWN',
        'INQUIRY_UNANNOUNCED', 'DEBIT_FAILED', 'PAYMENT_CORRECTED', 'CREDIT_REFUNDED'
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
