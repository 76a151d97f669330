-- The log: entries without gaps, the tiles over them, the checkpoints that were signed, and the row that locks it all -----
-- A record waits here from the commit that wrote it until the sequencer gives it its index.
CREATE TABLE tlog_pending (
    outbox_id BIGINT PRIMARY KEY REFERENCES log_outbox (id)
);
INSERT INTO tlog_pending (outbox_id) SELECT id FROM log_outbox;

CREATE TABLE tlog_entry (
    seq BIGINT PRIMARY KEY CHECK (seq >= 0),
    entry_id CHAR(36) NOT NULL UNIQUE REFERENCES log_outbox (entry_id),
    leaf BLOB NOT NULL CHECK (length(leaf) = 42),
    leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32)
);

CREATE TABLE tlog_tile (
    level INT NOT NULL CHECK (level BETWEEN 0 AND 7),
    n BIGINT NOT NULL CHECK (n >= 0),
    data BLOB NOT NULL CHECK (length(data) % 32 = 0 AND length(data) BETWEEN 32 AND 8192),
    PRIMARY KEY (level, n)
);

CREATE TABLE tlog_state (
    id INT PRIMARY KEY CHECK (id = 1),
    size BIGINT NOT NULL CHECK (size >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    published_size BIGINT NOT NULL CHECK (published_size BETWEEN 0 AND size),
    standing TEXT NOT NULL CHECK (standing IN ('UNCHECKED', 'FIT', 'NO_QUORUM', 'FORKED')),
    witnessed_at_us BIGINT NOT NULL
);

CREATE TABLE tlog_checkpoint (
    size BIGINT PRIMARY KEY CHECK (size > 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    body TEXT NOT NULL,
    log_signature BLOB NOT NULL CHECK (length(log_signature) = 64),
    cosignatures TEXT NOT NULL,
    published_at_us BIGINT
);
CREATE INDEX tlog_checkpoint_published ON tlog_checkpoint (size) WHERE published_at_us IS NOT NULL;
CREATE INDEX inquiry_awaiting_the_log ON inquiry (intent_entry_id) WHERE state = 'INTENT_PENDING';

CREATE TRIGGER log_outbox_waits AFTER INSERT ON log_outbox
BEGIN
    INSERT INTO tlog_pending (outbox_id) VALUES (NEW.id);
END;

CREATE TRIGGER tlog_entry_follows BEFORE INSERT ON tlog_entry
    WHEN NEW.seq <> (SELECT COALESCE(MAX(seq) + 1, 0) FROM tlog_entry)
BEGIN
    SELECT RAISE(ABORT, 'tlog_entry has no gaps');
END;
CREATE TRIGGER tlog_entry_stays BEFORE UPDATE ON tlog_entry
BEGIN
    SELECT RAISE(ABORT, 'tlog_entry only grows');
END;
CREATE TRIGGER tlog_entry_remains BEFORE DELETE ON tlog_entry
BEGIN
    SELECT RAISE(ABORT, 'tlog_entry only grows');
END;

CREATE TRIGGER tlog_tile_grows BEFORE UPDATE ON tlog_tile
    WHEN NEW.level <> OLD.level OR NEW.n <> OLD.n OR substr(NEW.data, 1, length(OLD.data)) <> OLD.data
BEGIN
    SELECT RAISE(ABORT, 'tlog_tile only grows');
END;
CREATE TRIGGER tlog_tile_remains BEFORE DELETE ON tlog_tile
BEGIN
    SELECT RAISE(ABORT, 'tlog_tile only grows');
END;

CREATE TRIGGER tlog_state_grows BEFORE UPDATE ON tlog_state
    WHEN NEW.size < OLD.size OR NEW.published_size < OLD.published_size OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
BEGIN
    SELECT RAISE(ABORT, 'tlog_state only grows');
END;
CREATE TRIGGER tlog_state_remains BEFORE DELETE ON tlog_state
BEGIN
    SELECT RAISE(ABORT, 'tlog_state only grows');
END;

CREATE TRIGGER tlog_checkpoint_stays BEFORE UPDATE ON tlog_checkpoint
    WHEN NEW.size <> OLD.size OR NEW.root <> OLD.root OR NEW.body <> OLD.body OR NEW.log_signature <> OLD.log_signature
        OR (OLD.published_at_us IS NOT NULL AND NEW.published_at_us IS NOT OLD.published_at_us)
BEGIN
    SELECT RAISE(ABORT, 'tlog_checkpoint was signed');
END;
CREATE TRIGGER tlog_checkpoint_remains BEFORE DELETE ON tlog_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'tlog_checkpoint was signed');
END;
-- A replacing insert deletes without a trigger of deletion
CREATE TRIGGER tlog_checkpoint_once BEFORE INSERT ON tlog_checkpoint
    WHEN EXISTS (SELECT 1 FROM tlog_checkpoint WHERE size = NEW.size AND root <> NEW.root)
BEGIN
    SELECT RAISE(ABORT, 'tlog_checkpoint was signed');
END;
