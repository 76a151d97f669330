-- Of which ID number an inquiry, or a record at the bureau, is: by the keyed index, as the number of a customer is found -
ALTER TABLE inquiry ADD COLUMN id_number_index BLOB;
CREATE INDEX inquiry_of_number ON inquiry (id_number_index, id) WHERE id_number_index IS NOT NULL;
ALTER TABLE reconciliation_result ADD COLUMN id_number_index BLOB;
CREATE INDEX reconciliation_result_of_number ON reconciliation_result (id_number_index, id) WHERE id_number_index IS NOT NULL;
