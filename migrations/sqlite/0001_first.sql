-- Times are milliseconds since the epoch. A BLOB named id, value, code, token or state is the SHA-256
-- of a random value. Sealed columns are marked; what binds them stands in store/seal.rs.

CREATE TABLE key_check (
    kid TEXT PRIMARY KEY,
    constant BLOB NOT NULL -- sealed
) STRICT;

CREATE TABLE signing_key (
    kid TEXT PRIMARY KEY,
    public TEXT NOT NULL, -- JWK
    private BLOB NOT NULL, -- sealed
    activate_at INTEGER NOT NULL,
    drop_at INTEGER
) STRICT;

CREATE TABLE client (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    document TEXT NOT NULL, -- JSON
    created INTEGER NOT NULL,
    last_used INTEGER
) STRICT;
CREATE INDEX client_unused ON client (kind, last_used, created);

CREATE TABLE user_account (
    id TEXT PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    disabled_at INTEGER,
    UNIQUE (issuer, subject)
) STRICT;

CREATE TABLE auth_txn (
    id BLOB PRIMARY KEY,
    document TEXT NOT NULL, -- JSON
    expires INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX auth_txn_expires ON auth_txn (expires);

CREATE TABLE form_token (
    value BLOB PRIMARY KEY,
    purpose TEXT NOT NULL,
    owner BLOB NOT NULL,
    cookie BLOB NOT NULL,
    expires INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX form_token_expires ON form_token (expires);

CREATE TABLE upstream_state (
    state BLOB PRIMARY KEY,
    provider TEXT NOT NULL,
    target TEXT NOT NULL, -- JSON
    browser BLOB NOT NULL,
    nonce BLOB NOT NULL, -- sealed
    verifier BLOB NOT NULL, -- sealed
    expires INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX upstream_state_expires ON upstream_state (expires);

CREATE TABLE oauth_grant (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    client_name TEXT NOT NULL,
    provider TEXT NOT NULL,
    scopes TEXT NOT NULL,
    resource TEXT NOT NULL,
    roles TEXT NOT NULL, -- JSON
    checked_at INTEGER NOT NULL,
    idp_refresh BLOB, -- sealed
    lease_by TEXT,
    lease_until INTEGER,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    revoked_at INTEGER,
    reason TEXT
) STRICT;
CREATE INDEX oauth_grant_user ON oauth_grant (user_id);
CREATE INDEX oauth_grant_client ON oauth_grant (client_id);
CREATE INDEX oauth_grant_expires ON oauth_grant (expires);
CREATE INDEX oauth_grant_revoked ON oauth_grant (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE auth_code (
    code BLOB PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES oauth_grant (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    resource TEXT NOT NULL,
    expires INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX auth_code_grant ON auth_code (grant_id);
CREATE INDEX auth_code_expires ON auth_code (expires);

CREATE TABLE refresh_token (
    token BLOB PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES oauth_grant (id) ON DELETE CASCADE,
    expires INTEGER NOT NULL,
    used_at INTEGER,
    successor BLOB,
    successor_box BLOB, -- the successor, sealed under this token
    grace_until INTEGER
) STRICT;
CREATE INDEX refresh_token_grant ON refresh_token (grant_id);
CREATE INDEX refresh_token_expires ON refresh_token (expires);
CREATE INDEX refresh_token_grace ON refresh_token (grace_until) WHERE grace_until IS NOT NULL;

CREATE TABLE revoked_access (
    jti TEXT PRIMARY KEY,
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX revoked_access_expires ON revoked_access (expires);

CREATE TABLE web_login (
    id BLOB PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    roles TEXT NOT NULL, -- JSON
    auth_time INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX web_login_user ON web_login (user_id);
CREATE INDEX web_login_expires ON web_login (expires);
CREATE INDEX web_login_seen ON web_login (last_seen);

CREATE TABLE link_ticket (
    id BLOB PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    expires INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX link_ticket_user ON link_ticket (user_id);
CREATE INDEX link_ticket_expires ON link_ticket (expires);

CREATE TABLE kestra_credential (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    kestra_url TEXT NOT NULL,
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    secret BLOB NOT NULL, -- sealed
    kestra_user TEXT,
    checked_at INTEGER NOT NULL,
    last_used INTEGER,
    UNIQUE (user_id, kestra_url, tenant)
) STRICT;
