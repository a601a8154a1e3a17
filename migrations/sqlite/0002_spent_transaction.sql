-- Authorization requests travel with the browser until somebody decides them. What is kept is which
-- ones were, until they are over: 32 bytes each.

DROP TABLE auth_txn;

CREATE TABLE spent_transaction (
    id BLOB PRIMARY KEY,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_transaction_expires ON spent_transaction (expires);
