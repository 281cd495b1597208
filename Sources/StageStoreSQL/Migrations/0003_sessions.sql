-- A session and its key are of one business; see the composite foreign keys below.
CREATE UNIQUE INDEX api_keys_of_business ON api_keys (business_id, key_id);

-- Browsers that are signed in. Of the cookie's value only its SHA-256 is kept.
CREATE TABLE sessions (
    session_id UUID PRIMARY KEY NOT NULL,
    hash BYTEA NOT NULL UNIQUE,
    business_id UUID NOT NULL REFERENCES businesses(business_id) ON DELETE CASCADE,
    key_id UUID NOT NULL REFERENCES api_keys(key_id) ON DELETE CASCADE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE NOT NULL,
    user_agent TEXT NOT NULL,
    FOREIGN KEY (business_id, key_id) REFERENCES api_keys(business_id, key_id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_business ON sessions (business_id, created_at, session_id);
CREATE INDEX sessions_by_key ON sessions (key_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Links that sign a browser in once, without its key being shown to it.
CREATE TABLE sign_in_links (
    hash BYTEA PRIMARY KEY NOT NULL,
    business_id UUID NOT NULL REFERENCES businesses(business_id) ON DELETE CASCADE,
    key_id UUID NOT NULL REFERENCES api_keys(key_id) ON DELETE CASCADE,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    FOREIGN KEY (business_id, key_id) REFERENCES api_keys(business_id, key_id) ON DELETE CASCADE
);
CREATE INDEX sign_in_links_by_key ON sign_in_links (key_id);
