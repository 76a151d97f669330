-- Who opened a report, and for what -----------------------------------------------------------------------------------
CREATE TABLE report_reading (
    id CHAR(36) PRIMARY KEY,
    inquiry_id CHAR(36) NOT NULL REFERENCES inquiry (id),
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    permit_id CHAR(36) NOT NULL REFERENCES permit (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('FIRST_APPLICATION', 'LIMIT_INCREASE')),
    use TEXT NOT NULL CHECK (use IN ('SCORING', 'REFERRAL', 'HUMAN_REVIEW')),
    reader_id CHAR(36) REFERENCES staff (id),
    read_at TIMESTAMP NOT NULL,
    CHECK ((use = 'SCORING') = (reader_id IS NULL))
);
CREATE INDEX report_reading_of_inquiry ON report_reading (inquiry_id, id);
CREATE INDEX report_reading_of_customer ON report_reading (customer_id, id);
CREATE TRIGGER report_reading_stays BEFORE UPDATE ON report_reading
BEGIN
    SELECT RAISE(ABORT, 'report_reading only grows');
END;
CREATE TRIGGER report_reading_remains BEFORE DELETE ON report_reading
BEGIN
    SELECT RAISE(ABORT, 'report_reading only grows');
END;
-- A replacing insert deletes without a trigger of deletion
CREATE TRIGGER report_reading_once BEFORE INSERT ON report_reading
    WHEN EXISTS (SELECT 1 FROM report_reading WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'report_reading only grows');
END;

-- What a decision took from the report ends with the report -----------------------------------------------------------
ALTER TABLE decision ADD COLUMN from_report_sealed BLOB;
CREATE INDEX decision_of_inquiry ON decision (inquiry_id) WHERE inquiry_id IS NOT NULL;
