-- Audits: each run with how far it has come, what was found, and all that happened to a finding since ---------------
CREATE TABLE audit_run (
    id uuid PRIMARY KEY,
    cause text NOT NULL CHECK (cause IN ('CALENDAR', 'OFFICER')),
    business_date date NOT NULL,
    started_at timestamptz NOT NULL,
    started_by uuid REFERENCES staff (id),
    state text NOT NULL CHECK (state IN ('RUNNING', 'DONE')),
    progress text NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    ended_at timestamptz,
    CHECK ((cause = 'OFFICER') = (started_by IS NOT NULL)),
    CHECK ((state = 'DONE') = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX audit_run_one_running ON audit_run (state) WHERE state = 'RUNNING';

-- Whom a finding is about may be nobody that the book knows: then that is what was found, and no key forbids to say so
CREATE TABLE audit_finding (
    id uuid PRIMARY KEY,
    rule text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    problem text NOT NULL CHECK (problem <> ''),
    detail text NOT NULL,
    customer_id uuid,
    staff_id uuid,
    severity text NOT NULL CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH')),
    state text NOT NULL CHECK (state IN ('OPEN', 'ASSIGNED', 'CLOSED', 'REOPENED')),
    due_on date NOT NULL,
    found_at timestamptz NOT NULL,
    found_run_id uuid NOT NULL REFERENCES audit_run (id),
    seen_at timestamptz NOT NULL,
    seen_run_id uuid NOT NULL REFERENCES audit_run (id),
    seen_as text NOT NULL CHECK (seen_as IN ('NEW', 'KNOWN', 'REOPENED', 'REMAINS')),
    times_seen integer NOT NULL CHECK (times_seen > 0),
    assigned_to uuid REFERENCES staff (id),
    closing text CHECK (closing IN ('MENDED', 'REMAINS')),
    closed_at timestamptz,
    closed_by uuid REFERENCES staff (id),
    evidence_sealed bytea,
    key_wrapped bytea NOT NULL,
    UNIQUE (rule, subject_kind, subject_id),
    CHECK ((state = 'CLOSED') = (closing IS NOT NULL)),
    CHECK ((state = 'CLOSED') = (closed_at IS NOT NULL)),
    CHECK ((state = 'CLOSED') = (closed_by IS NOT NULL)),
    CHECK ((state = 'CLOSED') = (evidence_sealed IS NOT NULL)),
    CHECK (state <> 'ASSIGNED' OR assigned_to IS NOT NULL),
    CHECK (closed_by <> staff_id),
    CHECK (assigned_to <> staff_id)
);
CREATE INDEX audit_finding_by_state ON audit_finding (state, id);
CREATE INDEX audit_finding_of_run ON audit_finding (seen_run_id, id);

CREATE TABLE audit_finding_step (
    id uuid PRIMARY KEY,
    finding_id uuid NOT NULL REFERENCES audit_finding (id),
    number integer NOT NULL CHECK (number > 0),
    kind text NOT NULL CHECK (kind IN ('FOUND', 'ASSIGNED', 'CLOSED', 'REOPENED')),
    made_at timestamptz NOT NULL,
    run_id uuid REFERENCES audit_run (id),
    made_by uuid REFERENCES staff (id),
    assigned_to uuid REFERENCES staff (id),
    closing text CHECK (closing IN ('MENDED', 'REMAINS')),
    note_sealed bytea,
    UNIQUE (finding_id, number),
    CHECK ((run_id IS NULL) <> (made_by IS NULL)),
    CHECK ((made_by IS NULL) = (note_sealed IS NULL)),
    CHECK (kind <> 'FOUND' OR run_id IS NOT NULL),
    CHECK (kind NOT IN ('ASSIGNED', 'CLOSED') OR made_by IS NOT NULL),
    CHECK ((kind = 'ASSIGNED') = (assigned_to IS NOT NULL)),
    CHECK ((kind = 'CLOSED') = (closing IS NOT NULL))
);

CREATE FUNCTION keep_audit_finding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.id <> OLD.id OR NEW.rule <> OLD.rule OR NEW.subject_kind <> OLD.subject_kind
        OR NEW.subject_id <> OLD.subject_id OR NEW.found_at <> OLD.found_at OR NEW.found_run_id <> OLD.found_run_id
        OR NEW.key_wrapped <> OLD.key_wrapped OR NEW.times_seen < OLD.times_seen THEN
        RAISE EXCEPTION 'a finding stays what it was found as' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_finding_stays BEFORE UPDATE OR DELETE ON audit_finding
    FOR EACH ROW EXECUTE FUNCTION keep_audit_finding();
CREATE TRIGGER audit_finding_remains BEFORE TRUNCATE ON audit_finding
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_any_change();
CREATE TRIGGER audit_finding_step_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_finding_step
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_any_change();
