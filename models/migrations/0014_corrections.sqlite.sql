-- A correction that changes the plan issues an annex as a prepayment does: the table of annexes anew
CREATE TABLE contract_annex_kept AS SELECT * FROM contract_annex;
DROP TABLE contract_annex;
CREATE TABLE contract_annex (
    id CHAR(36) PRIMARY KEY,
    customer_id CHAR(36) NOT NULL REFERENCES customer (id),
    loan_id CHAR(36) NOT NULL REFERENCES loan (id),
    repayment_id CHAR(36) UNIQUE REFERENCES repayment (id),
    correction_id CHAR(36) UNIQUE REFERENCES loan_correction (id),
    language TEXT NOT NULL,
    text_sealed BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL,
    CHECK ((repayment_id IS NULL) <> (correction_id IS NULL))
);
CREATE INDEX contract_annex_of_loan ON contract_annex (loan_id, id);
INSERT INTO contract_annex (id, customer_id, loan_id, repayment_id, language, text_sealed, sha256, issued_at)
    SELECT id, customer_id, loan_id, repayment_id, language, text_sealed, sha256, issued_at FROM contract_annex_kept;
DROP TABLE contract_annex_kept;

-- Few postings move credit: found by whose it is and by what moved it, without reading the rest of the book
CREATE INDEX posting_of_credit ON posting (customer_id, loan_id)
    WHERE source = 'CUSTOMER_CREDIT' OR destination = 'CUSTOMER_CREDIT';
CREATE INDEX posting_of_refund ON posting (cause_id) WHERE cause IN ('REFUND', 'PAID_BACK');
