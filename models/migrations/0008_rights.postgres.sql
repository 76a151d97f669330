-- What customers ask about their own data and decisions: one open of a kind and subject, answered by a date ----------
CREATE TABLE data_request (
    id UUID PRIMARY KEY,
    customer_id UUID NOT NULL REFERENCES customer (id),
    kind TEXT NOT NULL CHECK (kind IN ('COPY', 'CORRECTION', 'ERASURE', 'HUMAN_REVIEW', 'CLOSE_ACCOUNT')),
    subject TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CHECK (state IN ('RECEIVED', 'CHECKING', 'SCHEDULED', 'DONE', 'CANCELLED')),
    asked_sealed BYTEA,
    before_sealed BYTEA,
    received_at TIMESTAMPTZ NOT NULL,
    due_on DATE NOT NULL,
    decision_id UUID REFERENCES decision (id),
    proposed_by UUID REFERENCES staff (id),
    proposed_at TIMESTAMPTZ,
    proposal_sealed BYTEA,
    settled_by UUID REFERENCES staff (id),
    settled_at TIMESTAMPTZ,
    outcome TEXT CHECK (outcome IN
        ('MADE', 'CORRECTED', 'ANNOTATED', 'REFUSED', 'UPHELD', 'CHANGED', 'CLOSED', 'ERASED')),
    note_sealed BYTEA,
    new_decision_id UUID UNIQUE REFERENCES decision (id),
    CHECK ((state = 'DONE') = (outcome IS NOT NULL)),
    CHECK ((state IN ('DONE', 'CANCELLED')) = (settled_at IS NOT NULL)),
    CHECK (state <> 'CHECKING' OR proposed_by IS NOT NULL),
    CHECK ((proposed_by IS NULL) = (proposed_at IS NULL)),
    CHECK ((proposed_by IS NULL) = (proposal_sealed IS NULL)),
    CHECK (proposed_by <> settled_by),
    CHECK (settled_by IS NULL OR note_sealed IS NOT NULL),
    CHECK ((kind = 'HUMAN_REVIEW') = (decision_id IS NOT NULL)),
    CHECK ((outcome = 'CHANGED') = (new_decision_id IS NOT NULL)),
    CHECK (kind NOT IN ('CORRECTION', 'HUMAN_REVIEW') OR asked_sealed IS NOT NULL)
);
CREATE INDEX data_request_of_customer ON data_request (customer_id, id);
CREATE INDEX data_request_by_due_day ON data_request (due_on, id);
CREATE UNIQUE INDEX data_request_one_open ON data_request (customer_id, kind, subject)
    WHERE state IN ('RECEIVED', 'CHECKING', 'SCHEDULED');
CREATE UNIQUE INDEX data_request_one_review ON data_request (decision_id) WHERE state <> 'CANCELLED';

CREATE TABLE data_copy (
    id UUID PRIMARY KEY,
    request_id UUID NOT NULL REFERENCES data_request (id),
    customer_id UUID NOT NULL REFERENCES customer (id),
    format TEXT NOT NULL CHECK (format IN ('json', 'html')),
    language TEXT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX data_copy_of_request ON data_copy (request_id, id);

CREATE TABLE erasure_step (
    id UUID PRIMARY KEY,
    request_id UUID NOT NULL REFERENCES data_request (id),
    customer_id UUID NOT NULL REFERENCES customer (id),
    erasure_class TEXT NOT NULL
        CHECK (erasure_class IN ('OWN_DATA', 'BUREAU_REPORTS', 'CREDIT_FILE', 'TRAIL', 'IDENTITY')),
    basis TEXT CHECK (basis IN ('CREDIT_REPORTING_DECREE', 'ANTI_MONEY_LAUNDERING')),
    erase_on DATE NOT NULL,
    done_at TIMESTAMPTZ,
    UNIQUE (request_id, erasure_class)
);
CREATE INDEX erasure_step_due ON erasure_step (erase_on, id) WHERE done_at IS NULL;

-- Restricted: an erasure is scheduled, data are only stored. Erased: the key is destroyed, nothing sealed opens again ---
ALTER TABLE customer ADD COLUMN restricted_at TIMESTAMPTZ;
ALTER TABLE customer ADD COLUMN erased_at TIMESTAMPTZ;
