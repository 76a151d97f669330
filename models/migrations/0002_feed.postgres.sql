-- Own data that arrive by a feed: the source's own id of an event, once a source; and each batch once ---------------
ALTER TABLE behaviour_event ADD COLUMN source text
    CHECK (source IN ('PAYMENTS', 'WEALTH', 'LIFE_SERVICES', 'SOCIAL'));
ALTER TABLE behaviour_event ADD COLUMN source_event_id text
    CHECK ((source IS NULL) = (source_event_id IS NULL));
CREATE UNIQUE INDEX behaviour_event_of_source ON behaviour_event (source, source_event_id);

CREATE TABLE feed_receipt (
    id uuid PRIMARY KEY,
    source text NOT NULL CHECK (source IN ('PAYMENTS', 'WEALTH', 'LIFE_SERVICES', 'SOCIAL')),
    batch_id uuid NOT NULL,
    body_sha256 bytea NOT NULL,
    received_at timestamptz NOT NULL,
    accepted integer NOT NULL DEFAULT 0 CHECK (accepted >= 0),
    duplicate integer NOT NULL DEFAULT 0 CHECK (duplicate >= 0),
    without_consent integer NOT NULL DEFAULT 0 CHECK (without_consent >= 0),
    invalid integer NOT NULL DEFAULT 0 CHECK (invalid >= 0),
    UNIQUE (source, batch_id)
);

-- The sandbox invents the own data of its people by a profile; null for everybody else -------------------------------
ALTER TABLE customer ADD COLUMN simulated_as text;
