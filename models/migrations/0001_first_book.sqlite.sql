-- People and who may speak for them ---------------------------------------------------------------------------
CREATE TABLE customer (
    id CHAR(36) PRIMARY KEY,
    created_at TIMESTAMP NOT NULL,
    persona TEXT UNIQUE,
    story TEXT NOT NULL DEFAULT '',
    key_wrapped BLOB NOT NULL,
    name_sealed BLOB,
    id_number_sealed BLOB,
    phone_sealed BLOB,
    id_number_index BLOB UNIQUE,
    occupation TEXT,
    version BIGINT NOT NULL DEFAULT 0,
    inquiry_seq INT NOT NULL DEFAULT 0 CHECK (inquiry_seq >= 0)
);

CREATE TABLE staff (
    id CHAR(36) PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('RISK', 'COMPLIANCE', 'PRIVACY', 'OPERATOR')),
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE access_token (
    sha256 BLOB PRIMARY KEY,
    customer_id CHAR(36) REFERENCES customer (id),
    staff_id CHAR(36) REFERENCES staff (id),
    created_at TIMESTAMP NOT NULL,
    CHECK ((customer_id IS NULL) <> (staff_id IS NULL))
);

CREATE TABLE behaviour_event (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    kind TEXT NOT NULL,
    occurred_on DATE NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0)
);
CREATE INDEX behaviour_event_of_customer ON behaviour_event (customer_id, occurred_on);

-- Consent, permit, inquiry: the heart -----------------------------------------------------------------------------
CREATE TABLE consent_wording (
    id CHAR(36) PRIMARY KEY,
    purpose TEXT NOT NULL,
    language TEXT NOT NULL,
    version TEXT NOT NULL,
    body TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    effective_from TIMESTAMP NOT NULL,
    UNIQUE (purpose, language, version)
);

CREATE TABLE consent (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    purpose TEXT NOT NULL,
    wording_id CHAR(36) NOT NULL REFERENCES consent_wording (id),
    wording_sha256 TEXT NOT NULL,
    shown_at TIMESTAMP,
    seconds_read INT CHECK (seconds_read >= 0),
    channel TEXT,
    decided_at TIMESTAMP NOT NULL,
    refused INT NOT NULL,
    expires_at TIMESTAMP,
    bound_at TIMESTAMP,
    used_at TIMESTAMP,
    withdrawn_at TIMESTAMP,
    superseded_at TIMESTAMP,
    CHECK (refused OR (shown_at IS NOT NULL AND seconds_read IS NOT NULL AND channel IS NOT NULL)),
    CHECK (NOT refused OR used_at IS NULL)
);
CREATE INDEX consent_of_customer ON consent (customer_id, id);
CREATE UNIQUE INDEX consent_one_live ON consent (customer_id, purpose)
    WHERE NOT refused AND bound_at IS NULL AND used_at IS NULL AND withdrawn_at IS NULL AND superseded_at IS NULL;

CREATE TABLE application (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    consent_id CHAR(36) NOT NULL UNIQUE REFERENCES consent (id),
    status TEXT NOT NULL CHECK (status IN ('RECEIVED', 'IN_REVIEW', 'DECIDED', 'ACCEPTED', 'EXPIRED', 'WITHDRAWN')),
    is_open INT NOT NULL,
    requested_minor BIGINT NOT NULL CHECK (requested_minor > 0),
    currency TEXT NOT NULL,
    term_months INT NOT NULL CHECK (term_months > 0),
    occupation TEXT NOT NULL,
    submitted_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP
);
CREATE INDEX application_of_customer ON application (customer_id, id);
CREATE UNIQUE INDEX application_one_open ON application (customer_id) WHERE is_open;

-- The line, for an increase must be able to point at it ------------------------------------------------------------
CREATE TABLE credit_line (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    application_id CHAR(36) NOT NULL UNIQUE REFERENCES application (id),
    status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'FROZEN', 'CLOSED')),
    segment TEXT NOT NULL,
    limit_minor BIGINT NOT NULL CHECK (limit_minor >= 0),
    currency TEXT NOT NULL,
    daily_scaled BIGINT NOT NULL CHECK (daily_scaled >= 0),
    product_version INT NOT NULL,
    policy_version TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX credit_line_one_open ON credit_line (customer_id) WHERE status <> 'CLOSED';

CREATE TABLE limit_increase (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    line_id CHAR(36) NOT NULL REFERENCES credit_line (id),
    consent_id CHAR(36) NOT NULL UNIQUE REFERENCES consent (id),
    status TEXT NOT NULL CHECK (status IN ('RECEIVED', 'REFERRED', 'APPROVED', 'DECLINED', 'EXPIRED', 'WITHDRAWN')),
    is_open INT NOT NULL,
    before_minor BIGINT NOT NULL,
    requested_minor BIGINT NOT NULL CHECK (requested_minor > before_minor),
    granted_minor BIGINT CHECK (granted_minor > before_minor),
    requested_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP
);
CREATE INDEX limit_increase_of_line ON limit_increase (line_id, id);
CREATE UNIQUE INDEX limit_increase_one_open ON limit_increase (line_id) WHERE is_open;

CREATE TABLE permit (
    id CHAR(36) PRIMARY KEY,
    consent_id CHAR(36) NOT NULL UNIQUE REFERENCES consent (id),
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('FIRST_APPLICATION', 'LIMIT_INCREASE')),
    application_id CHAR(36) UNIQUE REFERENCES application (id),
    limit_increase_id CHAR(36) UNIQUE REFERENCES limit_increase (id),
    fields TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    CHECK ((application_id IS NOT NULL) = (purpose = 'FIRST_APPLICATION')),
    CHECK ((limit_increase_id IS NOT NULL) = (purpose = 'LIMIT_INCREASE'))
);

CREATE TABLE inquiry (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    subject_seq INT NOT NULL CHECK (subject_seq > 0),
    purpose TEXT NOT NULL CHECK (purpose IN ('FIRST_APPLICATION', 'LIMIT_INCREASE')),
    consent_id CHAR(36) NOT NULL UNIQUE REFERENCES consent (id),
    permit_id CHAR(36) NOT NULL UNIQUE REFERENCES permit (id),
    application_id CHAR(36) UNIQUE REFERENCES application (id),
    limit_increase_id CHAR(36) UNIQUE REFERENCES limit_increase (id),
    state TEXT NOT NULL CHECK (state IN ('INTENT_PENDING', 'INTENT_LOGGED', 'SENDING', 'NOT_SENT', 'ANSWERED',
        'REFUSED_BY_BUREAU', 'UNKNOWN', 'RECORDED_NO_REPORT', 'NOT_RECORDED', 'DISPUTED')),
    opened_at TIMESTAMP NOT NULL,
    deadline_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP,
    refusal_code TEXT,
    intent_entry_id CHAR(36) NOT NULL,
    UNIQUE (customer_id, subject_seq),
    CHECK ((application_id IS NOT NULL) = (purpose = 'FIRST_APPLICATION')),
    CHECK ((limit_increase_id IS NOT NULL) = (purpose = 'LIMIT_INCREASE'))
);
CREATE INDEX inquiry_of_customer ON inquiry (customer_id, id);

CREATE TABLE inquiry_attempt (
    id CHAR(36) PRIMARY KEY,
    inquiry_id CHAR(36) NOT NULL REFERENCES inquiry (id),
    number INT NOT NULL CHECK (number > 0),
    started_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    outcome TEXT,
    UNIQUE (inquiry_id, number)
);

CREATE TABLE bureau_report (
    inquiry_id CHAR(36) PRIMARY KEY REFERENCES inquiry (id),
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    sealed BLOB,
    received_at TIMESTAMP NOT NULL,
    destroyed_at TIMESTAMP,
    CHECK ((sealed IS NULL) = (destroyed_at IS NOT NULL))
);

-- Decisions and what they offer ---------------------------------------------------------------------------------------
CREATE TABLE decision (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    application_id CHAR(36) REFERENCES application (id),
    limit_increase_id CHAR(36) REFERENCES limit_increase (id),
    number INT NOT NULL CHECK (number > 0),
    outcome TEXT NOT NULL CHECK (outcome IN ('APPROVED', 'COUNTEROFFERED', 'DECLINED', 'REFERRED')),
    reasons TEXT NOT NULL,
    score INT,
    own_score INT,
    grade TEXT,
    limit_minor BIGINT CHECK (limit_minor > 0),
    daily_scaled BIGINT CHECK (daily_scaled >= 0),
    policy_version TEXT NOT NULL,
    model_version TEXT,
    inquiry_id CHAR(36) REFERENCES inquiry (id),
    inputs_sealed BLOB NOT NULL,
    inputs_digest BLOB NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    decided_by CHAR(36) REFERENCES staff (id),
    note_sealed BLOB,
    CHECK ((application_id IS NULL) <> (limit_increase_id IS NULL)),
    CHECK (outcome NOT IN ('APPROVED', 'COUNTEROFFERED') OR (limit_minor IS NOT NULL AND daily_scaled IS NOT NULL)),
    CHECK (outcome = 'APPROVED' OR reasons <> '[]'),
    UNIQUE (application_id, number),
    UNIQUE (limit_increase_id, number)
);
CREATE INDEX decision_of_customer ON decision (customer_id, id);

CREATE TABLE offer (
    id CHAR(36) PRIMARY KEY,
    application_id CHAR(36) NOT NULL UNIQUE REFERENCES application (id),
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    decision_id CHAR(36) NOT NULL UNIQUE REFERENCES decision (id),
    limit_minor BIGINT NOT NULL CHECK (limit_minor > 0),
    currency TEXT NOT NULL,
    daily_scaled BIGINT NOT NULL CHECK (daily_scaled >= 0),
    valid_until TIMESTAMP NOT NULL,
    accepted_at TIMESTAMP
);

CREATE TABLE limit_change (
    id CHAR(36) PRIMARY KEY,
    line_id CHAR(36) NOT NULL REFERENCES credit_line (id),
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    from_minor BIGINT NOT NULL CHECK (from_minor >= 0),
    to_minor BIGINT NOT NULL CHECK (to_minor >= 0),
    reason TEXT NOT NULL CHECK (reason <> ''),
    actor TEXT NOT NULL,
    decision_id CHAR(36) REFERENCES decision (id),
    changed_at TIMESTAMP NOT NULL
);
CREATE INDEX limit_change_of_line ON limit_change (line_id, id);

CREATE TABLE line_freeze (
    id CHAR(36) PRIMARY KEY,
    line_id CHAR(36) NOT NULL REFERENCES credit_line (id),
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    reason TEXT NOT NULL CHECK (reason <> ''),
    actor TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP,
    released_at TIMESTAMP,
    released_by TEXT,
    CHECK ((released_at IS NULL) = (released_by IS NULL))
);
CREATE UNIQUE INDEX line_freeze_one_running ON line_freeze (line_id) WHERE released_at IS NULL;

-- What is drawn, owed and repaid ------------------------------------------------------------------------------------------
CREATE TABLE signing_code (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    quote_digest BLOB NOT NULL,
    code_mac BLOB NOT NULL,
    sent_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    tries INT NOT NULL DEFAULT 0 CHECK (tries >= 0),
    used_at TIMESTAMP
);
CREATE INDEX signing_code_of_customer ON signing_code (customer_id, id);

CREATE TABLE loan (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    line_id CHAR(36) NOT NULL REFERENCES credit_line (id),
    quote_digest BLOB NOT NULL UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('PENDING_PAYOUT', 'CURRENT', 'LATE', 'DEFAULTED', 'REPAID', 'VOID')),
    principal_minor BIGINT NOT NULL CHECK (principal_minor > 0),
    currency TEXT NOT NULL,
    daily_scaled BIGINT NOT NULL CHECK (daily_scaled >= 0),
    apr_scaled BIGINT NOT NULL,
    method TEXT NOT NULL,
    term_months INT NOT NULL CHECK (term_months BETWEEN 1 AND 60),
    product_version INT NOT NULL,
    use TEXT NOT NULL,
    drawn_on DATE NOT NULL,
    drawn_at TIMESTAMP NOT NULL,
    paid_out_at TIMESTAMP,
    closed_at TIMESTAMP
);
CREATE INDEX loan_of_line ON loan (line_id, id);
CREATE INDEX loan_of_customer ON loan (customer_id, id);

CREATE TABLE instalment (
    id CHAR(36) PRIMARY KEY,
    loan_id CHAR(36) NOT NULL REFERENCES loan (id),
    number INT NOT NULL CHECK (number BETWEEN 1 AND 60),
    starts_on DATE NOT NULL,
    due_on DATE NOT NULL,
    principal_minor BIGINT NOT NULL CHECK (principal_minor >= 0),
    interest_minor BIGINT NOT NULL CHECK (interest_minor >= 0),
    penalty_to DATE NOT NULL,
    penalty_minor BIGINT NOT NULL DEFAULT 0 CHECK (penalty_minor >= 0),
    fee_minor BIGINT NOT NULL DEFAULT 0 CHECK (fee_minor >= 0),
    paid_principal_minor BIGINT NOT NULL DEFAULT 0,
    paid_interest_minor BIGINT NOT NULL DEFAULT 0,
    paid_penalty_minor BIGINT NOT NULL DEFAULT 0,
    paid_fee_minor BIGINT NOT NULL DEFAULT 0,
    UNIQUE (loan_id, number),
    CHECK (paid_principal_minor BETWEEN 0 AND principal_minor),
    CHECK (paid_interest_minor >= 0),
    CHECK (paid_penalty_minor >= 0),
    CHECK (paid_fee_minor BETWEEN 0 AND fee_minor)
);
CREATE INDEX instalment_due ON instalment (due_on);

CREATE TABLE contract (
    id CHAR(36) PRIMARY KEY,
    loan_id CHAR(36) NOT NULL UNIQUE REFERENCES loan (id),
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    template_version TEXT NOT NULL,
    text_sealed BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    disclosure_sha256 TEXT NOT NULL,
    disclosure_seconds_read INT NOT NULL CHECK (disclosure_seconds_read >= 0),
    signing_code_id CHAR(36) NOT NULL UNIQUE REFERENCES signing_code (id),
    signed_at TIMESTAMP NOT NULL
);

CREATE TABLE payout (
    id CHAR(36) PRIMARY KEY,
    loan_id CHAR(36) NOT NULL UNIQUE REFERENCES loan (id),
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    state TEXT NOT NULL CHECK (state IN ('PENDING', 'SENT', 'PAID', 'FAILED')),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    attempt INT NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    failure_code TEXT,
    created_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP
);

CREATE TABLE repayment (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    loan_id CHAR(36) NOT NULL REFERENCES loan (id),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    effective_on DATE NOT NULL,
    received_at TIMESTAMP NOT NULL
);
CREATE INDEX repayment_of_loan ON repayment (loan_id, id);

CREATE TABLE allocation (
    id CHAR(36) PRIMARY KEY,
    repayment_id CHAR(36) NOT NULL REFERENCES repayment (id),
    instalment_id CHAR(36) REFERENCES instalment (id),
    target TEXT NOT NULL CHECK (target IN ('FEE', 'PENALTY', 'INTEREST', 'PRINCIPAL', 'OVERPAYMENT')),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0)
);
CREATE INDEX allocation_of_repayment ON allocation (repayment_id);

CREATE TABLE posting (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    line_id CHAR(36) NOT NULL REFERENCES credit_line (id),
    loan_id CHAR(36) NOT NULL REFERENCES loan (id),
    source TEXT NOT NULL,
    destination TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    cause TEXT NOT NULL,
    cause_id CHAR(36) NOT NULL,
    reverses CHAR(36) UNIQUE REFERENCES posting (id),
    effective_on DATE NOT NULL,
    posted_at TIMESTAMP NOT NULL,
    CHECK (source <> destination)
);
CREATE INDEX posting_of_loan ON posting (loan_id, id);
CREATE INDEX posting_of_line ON posting (line_id, id);

-- Plumbing ------------------------------------------------------------------------------------------------------------------
CREATE TABLE idempotent_request (
    actor_id CHAR(36) NOT NULL,
    operation TEXT NOT NULL,
    idempotency_key CHAR(36) NOT NULL,
    input_mac BLOB NOT NULL,
    result TEXT,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (actor_id, operation, idempotency_key)
);

CREATE TABLE job (
    id CHAR(36) PRIMARY KEY,
    kind TEXT NOT NULL,
    subject_id CHAR(36) NOT NULL,
    due_at_us BIGINT NOT NULL,
    lease_until_us BIGINT NOT NULL DEFAULT 0,
    attempts INT NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('READY', 'DONE', 'DEAD')),
    trouble TEXT NOT NULL DEFAULT '',
    UNIQUE (kind, subject_id)
);
CREATE INDEX job_ready ON job (due_at_us, id) WHERE state = 'READY';

CREATE TABLE log_outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_id CHAR(36) NOT NULL UNIQUE,
    class SMALLINT NOT NULL,
    previous_entry_id CHAR(36) REFERENCES log_outbox (entry_id),
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    subject_id CHAR(36) NOT NULL,
    salt_sealed BLOB NOT NULL,
    record_sealed BLOB NOT NULL,
    commitment BLOB NOT NULL UNIQUE
);
CREATE INDEX log_outbox_of_subject ON log_outbox (subject_id, id);

CREATE TABLE business_clock (
    id INT PRIMARY KEY CHECK (id = 1),
    offset_seconds BIGINT NOT NULL CHECK (offset_seconds >= 0),
    book_date DATE NOT NULL
);

CREATE TABLE key_check (
    id INT PRIMARY KEY CHECK (id = 1),
    fingerprint BLOB NOT NULL
);
