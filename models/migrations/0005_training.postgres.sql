-- Who of the staff was trained in what, until when: written once, never changed; a later record takes its place ------
CREATE TABLE staff_training (
    id uuid PRIMARY KEY,
    staff_id uuid NOT NULL REFERENCES staff (id),
    course text NOT NULL CHECK (course <> ''),
    completed_on date NOT NULL,
    expires_on date NOT NULL,
    evidence text NOT NULL CHECK (evidence <> ''),
    recorded_by uuid NOT NULL REFERENCES staff (id),
    recorded_at timestamptz NOT NULL,
    CHECK (expires_on > completed_on),
    CHECK (recorded_by <> staff_id)
);
CREATE INDEX staff_training_of_staff ON staff_training (staff_id, course, id);
CREATE TRIGGER staff_training_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON staff_training
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_any_change();
