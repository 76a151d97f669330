-- Who of the staff was trained in what, until when: written once, never changed; a later record takes its place ------
CREATE TABLE staff_training (
    id CHAR(36) PRIMARY KEY,
    staff_id CHAR(36) NOT NULL REFERENCES staff (id),
    course TEXT NOT NULL CHECK (course <> ''),
    completed_on DATE NOT NULL,
    expires_on DATE NOT NULL,
    evidence TEXT NOT NULL CHECK (evidence <> ''),
    recorded_by CHAR(36) NOT NULL REFERENCES staff (id),
    recorded_at TIMESTAMP NOT NULL,
    CHECK (expires_on > completed_on),
    CHECK (recorded_by <> staff_id)
);
CREATE INDEX staff_training_of_staff ON staff_training (staff_id, course, id);

CREATE TRIGGER staff_training_stays BEFORE UPDATE ON staff_training
BEGIN
    SELECT RAISE(ABORT, 'staff_training only grows');
END;
CREATE TRIGGER staff_training_remains BEFORE DELETE ON staff_training
BEGIN
    SELECT RAISE(ABORT, 'staff_training only grows');
END;
-- A replacing insert deletes without a trigger of deletion
CREATE TRIGGER staff_training_once BEFORE INSERT ON staff_training
    WHEN EXISTS (SELECT 1 FROM staff_training WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'staff_training only grows');
END;
