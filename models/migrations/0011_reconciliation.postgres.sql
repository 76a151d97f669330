-- What the bureau holds under our name beside what we hold, and the bureau's route, which stays shut until two people open it -
CREATE TABLE reconciliation (
    id uuid PRIMARY KEY,
    business_date date NOT NULL,
    done_at timestamptz NOT NULL,
    records bigint NOT NULL CHECK (records >= 0),
    changed bigint NOT NULL CHECK (changed >= 0),
    settled bigint NOT NULL CHECK (settled >= 0)
);
CREATE INDEX reconciliation_of_day ON reconciliation (business_date);

CREATE TABLE reconciliation_result (
    id uuid PRIMARY KEY,
    reference text NOT NULL UNIQUE CHECK (length(reference) BETWEEN 1 AND 64),
    result text NOT NULL CHECK (result IN (
        'MATCHED', 'OURS_ONLY', 'BUREAU_ONLY', 'DUPLICATE', 'PURPOSE_MISMATCH', 'TIME_SKEW'
    )),
    inquiry_id uuid UNIQUE REFERENCES inquiry (id),
    customer_id uuid REFERENCES customer (id),
    recorded_at timestamptz,
    found_at timestamptz NOT NULL,
    CHECK (inquiry_id IS NULL OR customer_id IS NOT NULL),
    CHECK ((recorded_at IS NULL) = (result = 'OURS_ONLY'))
);
CREATE INDEX reconciliation_result_of_customer ON reconciliation_result (customer_id, id);
CREATE INDEX reconciliation_result_differs ON reconciliation_result (result) WHERE result <> 'MATCHED';
CREATE TRIGGER reconciliation_result_remains BEFORE DELETE OR TRUNCATE ON reconciliation_result
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_any_change();

CREATE TABLE route_freeze (
    id uuid PRIMARY KEY,
    result_id uuid NOT NULL REFERENCES reconciliation_result (id),
    frozen_at timestamptz NOT NULL,
    released_at timestamptz,
    approval_id uuid,
    CHECK ((released_at IS NULL) = (approval_id IS NULL))
);
CREATE UNIQUE INDEX route_freeze_one_running ON route_freeze ((released_at IS NULL)) WHERE released_at IS NULL;
CREATE FUNCTION keep_route_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.released_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.result_id <> OLD.result_id OR NEW.frozen_at <> OLD.frozen_at THEN
        RAISE EXCEPTION 'a freeze of the route ends once, as it began' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER route_freeze_ends_once BEFORE UPDATE ON route_freeze
    FOR EACH ROW EXECUTE FUNCTION keep_route_freeze();
CREATE TRIGGER route_freeze_remains BEFORE DELETE OR TRUNCATE ON route_freeze
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_any_change();

-- Two people for the route too: the table of approvals anew, with one more kind ------------------------------------------
CREATE TABLE approval_kept AS SELECT * FROM approval;
DROP TABLE approval;
CREATE TABLE approval (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('RELEASE', 'PUBLISH_WORDING', 'PUBLISH_POLICY', 'RELEASE_ROUTE')),
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
    CHECK ((customer_id IS NOT NULL) = (kind = 'RELEASE')),
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

-- A customer is told of an inquiry that nobody announced: the table of notices anew, with one more kind ------------------
CREATE TABLE notice_kept AS SELECT * FROM notice;
DROP TABLE notice;
CREATE TABLE notice (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    kind text NOT NULL CHECK (kind IN (
        'DECISION', 'INCREASE_DECISION', 'INQUIRY_MADE', 'DUE_SOON', 'LATE', 'LIMIT_CUT', 'FREEZE', 'RELEASE',
        'APPEAL_ANSWERED', 'PAYOUT_DONE', 'PAYOUT_FAILED', 'REPAYMENT_RECEIVED', 'CONSENT_WITHDRAWN',
        'INQUIRY_UNANNOUNCED'
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
INSERT INTO notice SELECT * FROM notice_kept;
DROP TABLE notice_kept;
CREATE INDEX notice_of_customer ON notice (customer_id, id);
CREATE INDEX notice_postponed ON notice (not_before) WHERE state = 'PENDING';
