-- Watching: what the rules said of a line and what was done, how often a rule touched lines on a day, and appeals ------
CREATE TABLE rule_agreement (
    id uuid PRIMARY KEY,
    rule_id text NOT NULL,
    day date NOT NULL,
    lines integer NOT NULL CHECK (lines > 0),
    agreed boolean NOT NULL,
    officer_id uuid NOT NULL REFERENCES staff (id),
    note text NOT NULL CHECK (note <> ''),
    settled_at timestamptz NOT NULL
);

CREATE TABLE rule_day (
    rule_id text NOT NULL,
    day date NOT NULL,
    lines integer NOT NULL CHECK (lines > 0),
    PRIMARY KEY (rule_id, day)
);

CREATE TABLE risk_event (
    id uuid PRIMARY KEY,
    line_id uuid NOT NULL REFERENCES credit_line (id),
    customer_id uuid NOT NULL REFERENCES customer (id),
    rule_id text NOT NULL,
    rule_version integer NOT NULL CHECK (rule_version > 0),
    period date NOT NULL,
    severity text NOT NULL CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH')),
    wanted text NOT NULL CHECK (wanted IN ('NONE', 'REVIEW', 'REDUCE_LIMIT', 'FREEZE')),
    action text NOT NULL CHECK (action IN ('NONE', wanted)),
    state text NOT NULL CHECK (state IN ('DONE', 'WAITING', 'SETTLED', 'HELD', 'AGREED', 'DROPPED', 'LAPSED')),
    facts_sealed bytea NOT NULL,
    raised_at timestamptz NOT NULL,
    freeze_id uuid REFERENCES line_freeze (id),
    limit_change_id uuid REFERENCES limit_change (id),
    agreement_id uuid REFERENCES rule_agreement (id),
    settled_at timestamptz,
    settled_by uuid REFERENCES staff (id),
    note_sealed bytea,
    UNIQUE (line_id, rule_id, period),
    CHECK ((action = 'FREEZE') = (freeze_id IS NOT NULL)),
    CHECK ((action = 'REDUCE_LIMIT') = (limit_change_id IS NOT NULL)),
    CHECK (state NOT IN ('HELD', 'AGREED', 'DROPPED', 'LAPSED') OR action = 'NONE'),
    CHECK (state NOT IN ('AGREED', 'DROPPED', 'LAPSED') OR agreement_id IS NOT NULL),
    CHECK ((state = 'SETTLED') = (settled_by IS NOT NULL AND settled_at IS NOT NULL AND note_sealed IS NOT NULL))
);
CREATE INDEX risk_event_of_line ON risk_event (line_id, id);
CREATE INDEX risk_event_open ON risk_event (rule_id, period, id) WHERE state IN ('HELD', 'AGREED');
CREATE INDEX risk_event_waiting ON risk_event (id) WHERE state = 'WAITING';

CREATE TABLE appeal (
    id uuid PRIMARY KEY,
    freeze_id uuid NOT NULL REFERENCES line_freeze (id),
    line_id uuid NOT NULL REFERENCES credit_line (id),
    customer_id uuid NOT NULL REFERENCES customer (id),
    text_sealed bytea NOT NULL,
    state text NOT NULL CHECK (state IN ('OPEN', 'UPHELD', 'REJECTED')),
    opened_at timestamptz NOT NULL,
    settled_at timestamptz,
    settled_by uuid REFERENCES staff (id),
    note_sealed bytea,
    CHECK ((state = 'OPEN') = (settled_at IS NULL)),
    CHECK ((state = 'OPEN') = (settled_by IS NULL)),
    CHECK ((state = 'OPEN') = (note_sealed IS NULL))
);
CREATE UNIQUE INDEX appeal_one_open ON appeal (freeze_id) WHERE state = 'OPEN';
CREATE INDEX appeal_of_freeze ON appeal (freeze_id, id);
CREATE INDEX appeal_waiting ON appeal (id) WHERE state = 'OPEN';

CREATE TABLE device_event (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customer (id),
    device_index bytea NOT NULL,
    is_change boolean NOT NULL,
    noted_at timestamptz NOT NULL
);
CREATE INDEX device_event_of_customer ON device_event (customer_id, id);
