-- Watching: what the rules said of a line and what was done, how often a rule touched lines on a day, and appeals ------
CREATE TABLE rule_agreement (
    id CHAR(36) PRIMARY KEY,
    rule_id TEXT NOT NULL,
    day DATE NOT NULL,
    lines INT NOT NULL CHECK (lines > 0),
    agreed INT NOT NULL,
    officer_id CHAR(36) NOT NULL REFERENCES staff (id),
    note TEXT NOT NULL CHECK (note <> ''),
    settled_at TIMESTAMP NOT NULL
);

CREATE TABLE rule_day (
    rule_id TEXT NOT NULL,
    day DATE NOT NULL,
    lines INT NOT NULL CHECK (lines > 0),
    PRIMARY KEY (rule_id, day)
);

CREATE TABLE risk_event (
    id CHAR(36) PRIMARY KEY,
    line_id CHAR(36) NOT NULL REFERENCES credit_line (id),
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    rule_id TEXT NOT NULL,
    rule_version INT NOT NULL CHECK (rule_version > 0),
    period DATE NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH')),
    wanted TEXT NOT NULL CHECK (wanted IN ('NONE', 'REVIEW', 'REDUCE_LIMIT', 'FREEZE')),
    action TEXT NOT NULL CHECK (action IN ('NONE', wanted)),
    state TEXT NOT NULL CHECK (state IN ('DONE', 'WAITING', 'SETTLED', 'HELD', 'AGREED', 'DROPPED', 'LAPSED')),
    facts_sealed BLOB NOT NULL,
    raised_at TIMESTAMP NOT NULL,
    freeze_id CHAR(36) REFERENCES line_freeze (id),
    limit_change_id CHAR(36) REFERENCES limit_change (id),
    agreement_id CHAR(36) REFERENCES rule_agreement (id),
    settled_at TIMESTAMP,
    settled_by CHAR(36) REFERENCES staff (id),
    note_sealed BLOB,
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
    id CHAR(36) PRIMARY KEY,
    freeze_id CHAR(36) NOT NULL REFERENCES line_freeze (id),
    line_id CHAR(36) NOT NULL REFERENCES credit_line (id),
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    text_sealed BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('OPEN', 'UPHELD', 'REJECTED')),
    opened_at TIMESTAMP NOT NULL,
    settled_at TIMESTAMP,
    settled_by CHAR(36) REFERENCES staff (id),
    note_sealed BLOB,
    CHECK ((state = 'OPEN') = (settled_at IS NULL)),
    CHECK ((state = 'OPEN') = (settled_by IS NULL)),
    CHECK ((state = 'OPEN') = (note_sealed IS NULL))
);
CREATE UNIQUE INDEX appeal_one_open ON appeal (freeze_id) WHERE state = 'OPEN';
CREATE INDEX appeal_of_freeze ON appeal (freeze_id, id);
CREATE INDEX appeal_waiting ON appeal (id) WHERE state = 'OPEN';

CREATE TABLE device_event (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    device_index BLOB NOT NULL,
    is_change INT NOT NULL,
    noted_at TIMESTAMP NOT NULL
);
CREATE INDEX device_event_of_customer ON device_event (customer_id, id);
