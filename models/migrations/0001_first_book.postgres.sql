-- People and who may speak for them ---------------------------------------------------------------------------
CREATE TABLE customer (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    persona text UNIQUE,
    story text NOT NULL DEFAULT '',
    key_wrapped bytea NOT NULL,
    name_sealed bytea,
    id_number_sealed bytea,
    phone_sealed bytea,
    id_number_index bytea UNIQUE,
    occupation text,
    version bigint NOT NULL DEFAULT 0,
    inquiry_seq integer NOT NULL DEFAULT 0 CHECK (inquiry_seq >= 0)
);

CREATE TABLE staff (
    id uuid PRIMARY KEY,
    login text NOT NULL UNIQUE,
    role text NOT NULL CHECK (role IN ('RISK', 'COMPLIANCE', 'PRIVACY', 'OPERATOR')),
    created_at timestamptz NOT NULL
);

CREATE TABLE access_token (
    sha256 bytea PRIMARY KEY,
    customer_id uuid REFERENCES customer (id),
    staff_id uuid REFERENCES staff (id),
    created_at timestamptz NOT NULL,
    CHECK ((customer_id IS NULL) <> (staff_id IS NULL))
);

CREATE TABLE behaviour_event (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    kind text NOT NULL,
    occurred_on date NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0)
);
CREATE INDEX behaviour_event_of_customer ON behaviour_event (customer_id, occurred_on);

-- Consent, permit, inquiry: the heart -----------------------------------------------------------------------------
CREATE TABLE consent_wording (
    id uuid PRIMARY KEY,
    purpose text NOT NULL,
    language text NOT NULL,
    version text NOT NULL,
    body text NOT NULL,
    sha256 text NOT NULL UNIQUE,
    effective_from timestamptz NOT NULL,
    UNIQUE (purpose, language, version)
);

CREATE TABLE consent (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    purpose text NOT NULL,
    wording_id uuid NOT NULL REFERENCES consent_wording (id),
    wording_sha256 text NOT NULL,
    shown_at timestamptz,
    seconds_read integer CHECK (seconds_read >= 0),
    channel text,
    decided_at timestamptz NOT NULL,
    refused boolean NOT NULL,
    expires_at timestamptz,
    bound_at timestamptz,
    used_at timestamptz,
    withdrawn_at timestamptz,
    superseded_at timestamptz,
    CHECK (refused OR (shown_at IS NOT NULL AND seconds_read IS NOT NULL AND channel IS NOT NULL)),
    CHECK (NOT refused OR used_at IS NULL)
);
CREATE INDEX consent_of_customer ON consent (customer_id, id);
CREATE UNIQUE INDEX consent_one_live ON consent (customer_id, purpose)
    WHERE NOT refused AND bound_at IS NULL AND used_at IS NULL AND withdrawn_at IS NULL AND superseded_at IS NULL;

CREATE TABLE application (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    consent_id uuid NOT NULL UNIQUE REFERENCES consent (id),
    status text NOT NULL CHECK (status IN ('RECEIVED', 'IN_REVIEW', 'DECIDED', 'ACCEPTED', 'EXPIRED', 'WITHDRAWN')),
    is_open boolean NOT NULL,
    requested_minor bigint NOT NULL CHECK (requested_minor > 0),
    currency text NOT NULL,
    term_months integer NOT NULL CHECK (term_months > 0),
    occupation text NOT NULL,
    submitted_at timestamptz NOT NULL,
    closed_at timestamptz
);
CREATE INDEX application_of_customer ON application (customer_id, id);
CREATE UNIQUE INDEX application_one_open ON application (customer_id) WHERE is_open;

-- The line, for an increase must be able to point at it ------------------------------------------------------------
CREATE TABLE credit_line (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    application_id uuid NOT NULL UNIQUE REFERENCES application (id),
    status text NOT NULL CHECK (status IN ('ACTIVE', 'FROZEN', 'CLOSED')),
    segment text NOT NULL,
    limit_minor bigint NOT NULL CHECK (limit_minor >= 0),
    currency text NOT NULL,
    daily_scaled bigint NOT NULL CHECK (daily_scaled >= 0),
    product_version integer NOT NULL,
    policy_version text NOT NULL,
    opened_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX credit_line_one_open ON credit_line (customer_id) WHERE status <> 'CLOSED';

CREATE TABLE limit_increase (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    line_id uuid NOT NULL REFERENCES credit_line (id),
    consent_id uuid NOT NULL UNIQUE REFERENCES consent (id),
    status text NOT NULL CHECK (status IN ('RECEIVED', 'REFERRED', 'APPROVED', 'DECLINED', 'EXPIRED', 'WITHDRAWN')),
    is_open boolean NOT NULL,
    before_minor bigint NOT NULL,
    requested_minor bigint NOT NULL CHECK (requested_minor > before_minor),
    granted_minor bigint CHECK (granted_minor > before_minor),
    requested_at timestamptz NOT NULL,
    closed_at timestamptz
);
CREATE INDEX limit_increase_of_line ON limit_increase (line_id, id);
CREATE UNIQUE INDEX limit_increase_one_open ON limit_increase (line_id) WHERE is_open;

CREATE TABLE permit (
    id uuid PRIMARY KEY,
    consent_id uuid NOT NULL UNIQUE REFERENCES consent (id),
    customer_id uuid NOT NULL REFERENCES customer (id),
    purpose text NOT NULL CHECK (purpose IN ('FIRST_APPLICATION', 'LIMIT_INCREASE')),
    application_id uuid UNIQUE REFERENCES application (id),
    limit_increase_id uuid UNIQUE REFERENCES limit_increase (id),
    fields text NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CHECK ((application_id IS NOT NULL) = (purpose = 'FIRST_APPLICATION')),
    CHECK ((limit_increase_id IS NOT NULL) = (purpose = 'LIMIT_INCREASE'))
);

CREATE TABLE inquiry (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    subject_seq integer NOT NULL CHECK (subject_seq > 0),
    purpose text NOT NULL CHECK (purpose IN ('FIRST_APPLICATION', 'LIMIT_INCREASE')),
    consent_id uuid NOT NULL UNIQUE REFERENCES consent (id),
    permit_id uuid NOT NULL UNIQUE REFERENCES permit (id),
    application_id uuid UNIQUE REFERENCES application (id),
    limit_increase_id uuid UNIQUE REFERENCES limit_increase (id),
    state text NOT NULL CHECK (state IN ('INTENT_PENDING', 'INTENT_LOGGED', 'SENDING', 'NOT_SENT', 'ANSWERED',
        'REFUSED_BY_BUREAU', 'UNKNOWN', 'RECORDED_NO_REPORT', 'NOT_RECORDED', 'DISPUTED')),
    opened_at timestamptz NOT NULL,
    deadline_at timestamptz NOT NULL,
    closed_at timestamptz,
    refusal_code text,
    intent_entry_id uuid NOT NULL,
    UNIQUE (customer_id, subject_seq),
    CHECK ((application_id IS NOT NULL) = (purpose = 'FIRST_APPLICATION')),
    CHECK ((limit_increase_id IS NOT NULL) = (purpose = 'LIMIT_INCREASE'))
);
CREATE INDEX inquiry_of_customer ON inquiry (customer_id, id);

CREATE TABLE inquiry_attempt (
    id uuid PRIMARY KEY,
    inquiry_id uuid NOT NULL REFERENCES inquiry (id),
    number integer NOT NULL CHECK (number > 0),
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text,
    UNIQUE (inquiry_id, number)
);

CREATE TABLE bureau_report (
    inquiry_id uuid PRIMARY KEY REFERENCES inquiry (id),
    customer_id uuid NOT NULL REFERENCES customer (id),
    sealed bytea,
    received_at timestamptz NOT NULL,
    destroyed_at timestamptz,
    CHECK ((sealed IS NULL) = (destroyed_at IS NOT NULL))
);

-- Decisions and what they offer ---------------------------------------------------------------------------------------
CREATE TABLE decision (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    application_id uuid REFERENCES application (id),
    limit_increase_id uuid REFERENCES limit_increase (id),
    number integer NOT NULL CHECK (number > 0),
    outcome text NOT NULL CHECK (outcome IN ('APPROVED', 'COUNTEROFFERED', 'DECLINED', 'REFERRED')),
    reasons text NOT NULL,
    score integer,
    own_score integer,
    grade text,
    limit_minor bigint CHECK (limit_minor > 0),
    daily_scaled bigint CHECK (daily_scaled >= 0),
    policy_version text NOT NULL,
    model_version text,
    inquiry_id uuid REFERENCES inquiry (id),
    inputs_sealed bytea NOT NULL,
    inputs_digest bytea NOT NULL,
    decided_at timestamptz NOT NULL,
    decided_by uuid REFERENCES staff (id),
    note_sealed bytea,
    CHECK ((application_id IS NULL) <> (limit_increase_id IS NULL)),
    CHECK (outcome NOT IN ('APPROVED', 'COUNTEROFFERED') OR (limit_minor IS NOT NULL AND daily_scaled IS NOT NULL)),
    CHECK (outcome = 'APPROVED' OR reasons <> '[]'),
    UNIQUE (application_id, number),
    UNIQUE (limit_increase_id, number)
);
CREATE INDEX decision_of_customer ON decision (customer_id, id);

CREATE TABLE offer (
    id uuid PRIMARY KEY,
    application_id uuid NOT NULL UNIQUE REFERENCES application (id),
    customer_id uuid NOT NULL REFERENCES customer (id),
    decision_id uuid NOT NULL UNIQUE REFERENCES decision (id),
    limit_minor bigint NOT NULL CHECK (limit_minor > 0),
    currency text NOT NULL,
    daily_scaled bigint NOT NULL CHECK (daily_scaled >= 0),
    valid_until timestamptz NOT NULL,
    accepted_at timestamptz
);

CREATE TABLE limit_change (
    id uuid PRIMARY KEY,
    line_id uuid NOT NULL REFERENCES credit_line (id),
    customer_id uuid NOT NULL REFERENCES customer (id),
    from_minor bigint NOT NULL CHECK (from_minor >= 0),
    to_minor bigint NOT NULL CHECK (to_minor >= 0),
    reason text NOT NULL CHECK (reason <> ''),
    actor text NOT NULL,
    decision_id uuid REFERENCES decision (id),
    changed_at timestamptz NOT NULL
);
CREATE INDEX limit_change_of_line ON limit_change (line_id, id);

CREATE TABLE line_freeze (
    id uuid PRIMARY KEY,
    line_id uuid NOT NULL REFERENCES credit_line (id),
    customer_id uuid NOT NULL REFERENCES customer (id),
    reason text NOT NULL CHECK (reason <> ''),
    actor text NOT NULL,
    started_at timestamptz NOT NULL,
    ends_at timestamptz,
    released_at timestamptz,
    released_by text,
    CHECK ((released_at IS NULL) = (released_by IS NULL))
);
CREATE UNIQUE INDEX line_freeze_one_running ON line_freeze (line_id) WHERE released_at IS NULL;

-- What is drawn, owed and repaid ------------------------------------------------------------------------------------------
CREATE TABLE signing_code (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    quote_digest bytea NOT NULL,
    code_mac bytea NOT NULL,
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
    used_at timestamptz
);
CREATE INDEX signing_code_of_customer ON signing_code (customer_id, id);

CREATE TABLE loan (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    line_id uuid NOT NULL REFERENCES credit_line (id),
    quote_digest bytea NOT NULL UNIQUE,
    status text NOT NULL CHECK (status IN ('PENDING_PAYOUT', 'CURRENT', 'LATE', 'DEFAULTED', 'REPAID', 'VOID')),
    principal_minor bigint NOT NULL CHECK (principal_minor > 0),
    currency text NOT NULL,
    daily_scaled bigint NOT NULL CHECK (daily_scaled >= 0),
    apr_scaled bigint NOT NULL,
    method text NOT NULL,
    term_months integer NOT NULL CHECK (term_months BETWEEN 1 AND 60),
    product_version integer NOT NULL,
    use text NOT NULL,
    drawn_on date NOT NULL,
    drawn_at timestamptz NOT NULL,
    paid_out_at timestamptz,
    closed_at timestamptz
);
CREATE INDEX loan_of_line ON loan (line_id, id);
CREATE INDEX loan_of_customer ON loan (customer_id, id);

CREATE TABLE instalment (
    id uuid PRIMARY KEY,
    loan_id uuid NOT NULL REFERENCES loan (id),
    number integer NOT NULL CHECK (number BETWEEN 1 AND 60),
    starts_on date NOT NULL,
    due_on date NOT NULL,
    principal_minor bigint NOT NULL CHECK (principal_minor >= 0),
    interest_minor bigint NOT NULL CHECK (interest_minor >= 0),
    penalty_to date NOT NULL,
    penalty_minor bigint NOT NULL DEFAULT 0 CHECK (penalty_minor >= 0),
    fee_minor bigint NOT NULL DEFAULT 0 CHECK (fee_minor >= 0),
    paid_principal_minor bigint NOT NULL DEFAULT 0,
    paid_interest_minor bigint NOT NULL DEFAULT 0,
    paid_penalty_minor bigint NOT NULL DEFAULT 0,
    paid_fee_minor bigint NOT NULL DEFAULT 0,
    UNIQUE (loan_id, number),
    CHECK (paid_principal_minor BETWEEN 0 AND principal_minor),
    CHECK (paid_interest_minor >= 0),
    CHECK (paid_penalty_minor >= 0),
    CHECK (paid_fee_minor BETWEEN 0 AND fee_minor)
);
CREATE INDEX instalment_due ON instalment (due_on);

CREATE TABLE contract (
    id uuid PRIMARY KEY,
    loan_id uuid NOT NULL UNIQUE REFERENCES loan (id),
    customer_id uuid NOT NULL REFERENCES customer (id),
    title text NOT NULL,
    language text NOT NULL,
    template_version text NOT NULL,
    text_sealed bytea NOT NULL,
    sha256 text NOT NULL,
    disclosure_sha256 text NOT NULL,
    disclosure_seconds_read integer NOT NULL CHECK (disclosure_seconds_read >= 0),
    signing_code_id uuid NOT NULL UNIQUE REFERENCES signing_code (id),
    signed_at timestamptz NOT NULL
);

CREATE TABLE payout (
    id uuid PRIMARY KEY,
    loan_id uuid NOT NULL UNIQUE REFERENCES loan (id),
    customer_id uuid NOT NULL REFERENCES customer (id),
    state text NOT NULL CHECK (state IN ('PENDING', 'SENT', 'PAID', 'FAILED')),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    failure_code text,
    created_at timestamptz NOT NULL,
    closed_at timestamptz
);

CREATE TABLE repayment (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    loan_id uuid NOT NULL REFERENCES loan (id),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    effective_on date NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX repayment_of_loan ON repayment (loan_id, id);

CREATE TABLE allocation (
    id uuid PRIMARY KEY,
    repayment_id uuid NOT NULL REFERENCES repayment (id),
    instalment_id uuid REFERENCES instalment (id),
    target text NOT NULL CHECK (target IN ('FEE', 'PENALTY', 'INTEREST', 'PRINCIPAL', 'OVERPAYMENT')),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0)
);
CREATE INDEX allocation_of_repayment ON allocation (repayment_id);

CREATE TABLE posting (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    line_id uuid NOT NULL REFERENCES credit_line (id),
    loan_id uuid NOT NULL REFERENCES loan (id),
    source text NOT NULL,
    destination text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    cause text NOT NULL,
    cause_id uuid NOT NULL,
    reverses uuid UNIQUE REFERENCES posting (id),
    effective_on date NOT NULL,
    posted_at timestamptz NOT NULL,
    CHECK (source <> destination)
);
CREATE INDEX posting_of_loan ON posting (loan_id, id);
CREATE INDEX posting_of_line ON posting (line_id, id);

-- Plumbing ------------------------------------------------------------------------------------------------------------------
CREATE TABLE idempotent_request (
    actor_id uuid NOT NULL,
    operation text NOT NULL,
    idempotency_key uuid NOT NULL,
    input_mac bytea NOT NULL,
    result text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (actor_id, operation, idempotency_key)
);

CREATE TABLE job (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    due_at_us bigint NOT NULL,
    lease_until_us bigint NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    state text NOT NULL CHECK (state IN ('READY', 'DONE', 'DEAD')),
    trouble text NOT NULL DEFAULT '',
    UNIQUE (kind, subject_id)
);
CREATE INDEX job_ready ON job (due_at_us, id) WHERE state = 'READY';

CREATE TABLE log_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_id uuid NOT NULL UNIQUE,
    class smallint NOT NULL,
    previous_entry_id uuid REFERENCES log_outbox (entry_id),
    customer_id uuid NOT NULL REFERENCES customer (id),
    subject_id uuid NOT NULL,
    salt_sealed bytea NOT NULL,
    record_sealed bytea NOT NULL,
    commitment bytea NOT NULL UNIQUE
);
CREATE INDEX log_outbox_of_subject ON log_outbox (subject_id, id);

CREATE TABLE business_clock (
    id integer PRIMARY KEY CHECK (id = 1),
    offset_seconds bigint NOT NULL CHECK (offset_seconds >= 0),
    book_date date NOT NULL
);

CREATE TABLE key_check (
    id integer PRIMARY KEY CHECK (id = 1),
    fingerprint bytea NOT NULL
);
