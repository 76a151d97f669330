-- The log: entries without gaps, the tiles over them, the checkpoints that were signed, and the row that locks it all -----
-- A record waits here from the commit that wrote it until the sequencer gives it its index.
CREATE TABLE tlog_pending (
    outbox_id bigint PRIMARY KEY REFERENCES log_outbox (id)
);
INSERT INTO tlog_pending (outbox_id) SELECT id FROM log_outbox;

CREATE TABLE tlog_entry (
    seq bigint PRIMARY KEY CHECK (seq >= 0),
    entry_id uuid NOT NULL UNIQUE REFERENCES log_outbox (entry_id),
    leaf bytea NOT NULL CHECK (length(leaf) = 42),
    leaf_hash bytea NOT NULL CHECK (length(leaf_hash) = 32)
);

CREATE TABLE tlog_tile (
    level integer NOT NULL CHECK (level BETWEEN 0 AND 7),
    n bigint NOT NULL CHECK (n >= 0),
    data bytea NOT NULL CHECK (length(data) % 32 = 0 AND length(data) BETWEEN 32 AND 8192),
    PRIMARY KEY (level, n)
);

CREATE TABLE tlog_state (
    id integer PRIMARY KEY CHECK (id = 1),
    size bigint NOT NULL CHECK (size >= 0),
    root bytea NOT NULL CHECK (length(root) = 32),
    published_size bigint NOT NULL CHECK (published_size BETWEEN 0 AND size),
    standing text NOT NULL CHECK (standing IN ('UNCHECKED', 'FIT', 'NO_QUORUM', 'FORKED')),
    witnessed_at_us bigint NOT NULL
);

CREATE TABLE tlog_checkpoint (
    size bigint PRIMARY KEY CHECK (size > 0),
    root bytea NOT NULL CHECK (length(root) = 32),
    body text NOT NULL,
    log_signature bytea NOT NULL CHECK (length(log_signature) = 64),
    cosignatures text NOT NULL,
    published_at_us bigint
);
CREATE INDEX tlog_checkpoint_published ON tlog_checkpoint (size) WHERE published_at_us IS NOT NULL;
CREATE INDEX inquiry_awaiting_the_log ON inquiry (intent_entry_id) WHERE state = 'INTENT_PENDING';

CREATE FUNCTION log_outbox_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tlog_pending (outbox_id) VALUES (NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER log_outbox_waits AFTER INSERT ON log_outbox
    FOR EACH ROW EXECUTE FUNCTION log_outbox_waits();

CREATE FUNCTION tlog_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE FUNCTION tlog_entry_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT min(seq) AS first, max(seq) AS last, count(*) AS many FROM added) AS batch
        WHERE many > 0 AND (
            last - first + 1 <> many
            OR (first > 0 AND NOT EXISTS (SELECT 1 FROM tlog_entry WHERE seq = first - 1))
        )
    ) THEN
        RAISE EXCEPTION 'tlog_entry has no gaps' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER tlog_entry_follows AFTER INSERT ON tlog_entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tlog_entry_follows();
CREATE TRIGGER tlog_entry_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON tlog_entry
    FOR EACH STATEMENT EXECUTE FUNCTION tlog_refuse('tlog_entry only grows');

CREATE TRIGGER tlog_tile_grows BEFORE UPDATE ON tlog_tile FOR EACH ROW
    WHEN (NEW.level <> OLD.level OR NEW.n <> OLD.n OR substr(NEW.data, 1, length(OLD.data)) <> OLD.data)
    EXECUTE FUNCTION tlog_refuse('tlog_tile only grows');
CREATE TRIGGER tlog_tile_remains BEFORE DELETE OR TRUNCATE ON tlog_tile
    FOR EACH STATEMENT EXECUTE FUNCTION tlog_refuse('tlog_tile only grows');

CREATE TRIGGER tlog_state_grows BEFORE UPDATE ON tlog_state FOR EACH ROW
    WHEN (NEW.size < OLD.size OR NEW.published_size < OLD.published_size OR (NEW.size = OLD.size AND NEW.root <> OLD.root))
    EXECUTE FUNCTION tlog_refuse('tlog_state only grows');
CREATE TRIGGER tlog_state_remains BEFORE DELETE OR TRUNCATE ON tlog_state
    FOR EACH STATEMENT EXECUTE FUNCTION tlog_refuse('tlog_state only grows');

CREATE TRIGGER tlog_checkpoint_stays BEFORE UPDATE ON tlog_checkpoint FOR EACH ROW
    WHEN (
        NEW.size <> OLD.size OR NEW.root <> OLD.root OR NEW.body <> OLD.body OR NEW.log_signature <> OLD.log_signature
        OR (OLD.published_at_us IS NOT NULL AND NEW.published_at_us IS DISTINCT FROM OLD.published_at_us)
    )
    EXECUTE FUNCTION tlog_refuse('tlog_checkpoint was signed');
CREATE TRIGGER tlog_checkpoint_remains BEFORE DELETE OR TRUNCATE ON tlog_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION tlog_refuse('tlog_checkpoint was signed');
