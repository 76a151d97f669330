-- Who opened a report, and for what -----------------------------------------------------------------------------------
CREATE TABLE report_reading (
    id uuid PRIMARY KEY,
    inquiry_id uuid NOT NULL REFERENCES inquiry (id),
    customer_id uuid NOT NULL REFERENCES customer (id),
    permit_id uuid NOT NULL REFERENCES permit (id),
    purpose text NOT NULL CHECK (purpose IN ('FIRST_APPLICATION', 'LIMIT_INCREASE')),
    use text NOT NULL CHECK (use IN ('SCORING', 'REFERRAL', 'HUMAN_REVIEW')),
    reader_id uuid REFERENCES staff (id),
    read_at timestamptz NOT NULL,
    CHECK ((use = 'SCORING') = (reader_id IS NULL))
);
CREATE INDEX report_reading_of_inquiry ON report_reading (inquiry_id, id);
CREATE INDEX report_reading_of_customer ON report_reading (customer_id, id);
CREATE TRIGGER report_reading_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON report_reading
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_any_change();

-- What a decision took from the report ends with the report -----------------------------------------------------------
ALTER TABLE decision ADD COLUMN from_report_sealed bytea;
CREATE INDEX decision_of_inquiry ON decision (inquiry_id) WHERE inquiry_id IS NOT NULL;
