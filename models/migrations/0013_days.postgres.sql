-- The days of the book: each is closed page by page, by as many workers as there are --------------------------------------
CREATE TABLE book_day (
    day date PRIMARY KEY,
    pages integer NOT NULL CHECK (pages >= 0),
    began_at timestamptz NOT NULL,
    closed_at timestamptz
);

CREATE TABLE day_page (
    day date NOT NULL REFERENCES book_day (day),
    number integer NOT NULL CHECK (number >= 1),
    after_id uuid,
    last_id uuid,
    lease_until_us bigint NOT NULL DEFAULT 0,
    done_at timestamptz,
    PRIMARY KEY (day, number)
);
CREATE INDEX day_page_open ON day_page (day, number) WHERE done_at IS NULL;

-- The loan tape: how each loan stood when a day was over, one row a loan and day, never edited ------------------------------
CREATE TABLE loan_day (
    loan_id uuid NOT NULL REFERENCES loan (id),
    day date NOT NULL,
    customer_id uuid NOT NULL REFERENCES customer (id),
    status text NOT NULL,
    outstanding_minor bigint NOT NULL CHECK (outstanding_minor >= 0),
    due_minor bigint NOT NULL CHECK (due_minor >= 0),
    past_due_minor bigint NOT NULL CHECK (past_due_minor BETWEEN 0 AND due_minor),
    days_past_due integer NOT NULL CHECK (days_past_due >= 0),
    bucket text NOT NULL CHECK (bucket IN ('N', '1', '2', '3', '4', '5', '6', '7')),
    interest_minor bigint NOT NULL,
    penalty_minor bigint NOT NULL,
    paid_fee_minor bigint NOT NULL,
    paid_penalty_minor bigint NOT NULL,
    paid_interest_minor bigint NOT NULL,
    paid_principal_minor bigint NOT NULL,
    paid_over_minor bigint NOT NULL,
    paid_recovered_minor bigint NOT NULL,
    year_fee_minor bigint NOT NULL,
    year_penalty_minor bigint NOT NULL,
    year_interest_minor bigint NOT NULL,
    year_principal_minor bigint NOT NULL,
    year_over_minor bigint NOT NULL,
    year_recovered_minor bigint NOT NULL,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (loan_id, day),
    CHECK ((past_due_minor = 0) = (days_past_due = 0)),
    CHECK ((days_past_due = 0) = (bucket = 'N'))
);
CREATE INDEX loan_day_of_day ON loan_day (day, loan_id);
CREATE INDEX loan_open ON loan (id) WHERE status IN ('CURRENT', 'LATE', 'DEFAULTED');
CREATE INDEX loan_closed ON loan (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX posting_of_day ON posting (effective_on, loan_id);
CREATE UNIQUE INDEX posting_one_accrual ON posting (loan_id, effective_on, source, destination) WHERE cause = 'END_OF_DAY';

-- Collecting what is due: under a mandate that the customer gave and may end, by debits that are each sent once --------------
CREATE TABLE debit_mandate (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    line_id uuid NOT NULL REFERENCES credit_line (id),
    text_version text NOT NULL,
    language text NOT NULL,
    sha256 text NOT NULL,
    account_tail text NOT NULL,
    agreed_at timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK (ended_at IS NULL OR ended_at >= agreed_at)
);
CREATE UNIQUE INDEX debit_mandate_one_running ON debit_mandate (line_id) WHERE ended_at IS NULL;
CREATE INDEX debit_mandate_of_customer ON debit_mandate (customer_id, id);

CREATE TABLE debit (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    loan_id uuid NOT NULL REFERENCES loan (id),
    mandate_id uuid NOT NULL REFERENCES debit_mandate (id),
    due_on date NOT NULL,
    number integer NOT NULL CHECK (number >= 1),
    presented_on date NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    state text NOT NULL CHECK (state IN ('PENDING', 'SENT', 'PAID', 'FAILED', 'STOPPED')),
    failure_code text,
    repayment_id uuid UNIQUE REFERENCES repayment (id),
    created_at timestamptz NOT NULL,
    closed_at timestamptz,
    UNIQUE (loan_id, due_on, number),
    UNIQUE (loan_id, presented_on),
    CHECK ((state = 'PAID') = (repayment_id IS NOT NULL)),
    CHECK ((state IN ('PENDING', 'SENT')) = (closed_at IS NULL))
);
CREATE UNIQUE INDEX debit_one_open ON debit (loan_id) WHERE closed_at IS NULL;
CREATE INDEX debit_of_customer ON debit (customer_id, id);
