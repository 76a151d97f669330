-- Staff who are customers too: one person, one account of staff ------------------------------------------------------
ALTER TABLE staff ADD COLUMN customer_id uuid REFERENCES customer (id);
CREATE UNIQUE INDEX staff_one_of_customer ON staff (customer_id) WHERE customer_id IS NOT NULL;

-- Who looked at whom, and what was shown in clear: written once, never changed ----------------------------------------
CREATE TABLE staff_access (
    id uuid PRIMARY KEY,
    staff_id uuid NOT NULL REFERENCES staff (id),
    role text NOT NULL CHECK (role IN ('RISK', 'COMPLIANCE', 'PRIVACY', 'OPERATOR')),
    customer_id uuid NOT NULL REFERENCES customer (id),
    purpose text NOT NULL
        CHECK (purpose IN ('REFERRAL', 'FREEZE', 'APPEAL', 'COMPLAINT', 'AUDIT', 'PRIVACY_REQUEST')),
    case_kind text,
    case_id uuid,
    reason_sealed bytea NOT NULL,
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CHECK (expires_at > opened_at),
    CHECK ((case_kind IS NULL) = (case_id IS NULL))
);
CREATE INDEX staff_access_of_customer ON staff_access (customer_id, id);

CREATE TABLE staff_access_reveal (
    id uuid PRIMARY KEY,
    access_id uuid NOT NULL REFERENCES staff_access (id),
    staff_id uuid NOT NULL REFERENCES staff (id),
    customer_id uuid NOT NULL REFERENCES customer (id),
    field text NOT NULL CHECK (field IN ('NAME', 'ID_NUMBER', 'PHONE')),
    reason_sealed bytea NOT NULL,
    revealed_at timestamptz NOT NULL
);
CREATE INDEX staff_access_reveal_of_access ON staff_access_reveal (access_id, id);

CREATE FUNCTION refuse_any_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER staff_access_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON staff_access
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_any_change();
CREATE TRIGGER staff_access_reveal_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON staff_access_reveal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_any_change();

-- Maker and checker ---------------------------------------------------------------------------------------------------
CREATE TABLE approval (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('RELEASE', 'PUBLISH_WORDING')),
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
CREATE FUNCTION check_approval_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.outcome IS NOT NULL OR NEW.id <> OLD.id OR NEW.kind <> OLD.kind
        OR NEW.subject <> OLD.subject OR NEW.payload <> OLD.payload OR NEW.maker_id <> OLD.maker_id THEN
        RAISE EXCEPTION 'an approval is checked once, as it was made'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER approval_checked_once BEFORE UPDATE OR DELETE ON approval
    FOR EACH ROW EXECUTE FUNCTION check_approval_once();
