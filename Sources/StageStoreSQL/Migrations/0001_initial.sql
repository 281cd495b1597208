-- Written in PostgreSQL's words; the SQLite driver translates the types (see SQLiteDialect.swift).

CREATE TABLE secrets (
    name TEXT PRIMARY KEY NOT NULL,
    sealed BYTEA NOT NULL
);

CREATE TABLE businesses (
    business_id UUID PRIMARY KEY NOT NULL,
    business_name TEXT NOT NULL,
    flow_revision BIGINT NOT NULL,
    key_salt BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW()
);

CREATE TABLE agents (
    agent_id UUID PRIMARY KEY NOT NULL,
    business_id UUID NOT NULL REFERENCES businesses(business_id) ON DELETE CASCADE,
    agent_name TEXT NOT NULL,
    agent_description TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    revision BIGINT NOT NULL,
    UNIQUE (business_id, agent_id)
);

CREATE TABLE templates (
    template_id UUID PRIMARY KEY NOT NULL,
    business_id UUID NOT NULL REFERENCES businesses(business_id) ON DELETE CASCADE,
    template_name TEXT NOT NULL,
    template_type TEXT NOT NULL CHECK (template_type IN ('stage_selection', 'data_extraction', 'response_generation')),
    content TEXT NOT NULL,
    system_prompt TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    revision BIGINT NOT NULL,
    UNIQUE (business_id, template_id)
);

CREATE TABLE stages (
    stage_id UUID PRIMARY KEY NOT NULL,
    business_id UUID NOT NULL REFERENCES businesses(business_id) ON DELETE CASCADE,
    agent_id UUID,
    stage_name TEXT NOT NULL,
    stage_description TEXT NOT NULL,
    stage_type TEXT NOT NULL CHECK (stage_type IN ('conversation', 'response', 'form')),
    stage_selection_template_id UUID NOT NULL REFERENCES templates(template_id),
    data_extraction_template_id UUID NOT NULL REFERENCES templates(template_id),
    response_generation_template_id UUID NOT NULL REFERENCES templates(template_id),
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    is_entry BOOLEAN NOT NULL,
    configuration JSONB NOT NULL,
    revision BIGINT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    UNIQUE (business_id, stage_id),
    FOREIGN KEY (business_id, agent_id) REFERENCES agents(business_id, agent_id),
    FOREIGN KEY (business_id, stage_selection_template_id) REFERENCES templates(business_id, template_id),
    FOREIGN KEY (business_id, data_extraction_template_id) REFERENCES templates(business_id, template_id),
    FOREIGN KEY (business_id, response_generation_template_id) REFERENCES templates(business_id, template_id)
);

CREATE TABLE stage_states (
    business_id UUID NOT NULL,
    stage_id UUID PRIMARY KEY NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
    data JSONB NOT NULL,
    sealed_data JSONB,
    version BIGINT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    FOREIGN KEY (business_id, stage_id) REFERENCES stages(business_id, stage_id) ON DELETE CASCADE
);

CREATE TABLE conversations (
    business_id UUID NOT NULL REFERENCES businesses(business_id) ON DELETE CASCADE,
    conversation_id TEXT COLLATE "C" NOT NULL,
    agent_id UUID,
    current_stage_id UUID,
    status TEXT NOT NULL CHECK (status IN ('active', 'paused', 'completed')),
    version BIGINT NOT NULL CHECK (version > 0),
    data JSONB NOT NULL,
    sealed_data JSONB,
    visits JSONB NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    -- The minutes of updated_at and expires_at: indexes on them stay as they are while a conversation is changed many times a minute.
    updated_minute BIGINT NOT NULL,
    expiry_minute BIGINT,
    PRIMARY KEY (business_id, conversation_id),
    FOREIGN KEY (business_id, agent_id) REFERENCES agents(business_id, agent_id),
    FOREIGN KEY (business_id, current_stage_id) REFERENCES stages(business_id, stage_id)
);
CREATE INDEX conversations_by_update ON conversations (business_id, updated_minute);
CREATE INDEX conversations_by_stage ON conversations (business_id, current_stage_id) WHERE current_stage_id IS NOT NULL;
CREATE INDEX conversations_by_expiry ON conversations (expiry_minute) WHERE expiry_minute IS NOT NULL;
CREATE INDEX conversations_by_agent ON conversations (business_id, agent_id) WHERE agent_id IS NOT NULL;

-- Append only. Configuration may be deleted; what happened stays.
CREATE TABLE transitions (
    business_id UUID NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    transition_id UUID NOT NULL,
    from_stage_id UUID,
    to_stage_id UUID,
    cause TEXT NOT NULL CHECK (cause IN ('start', 'rule', 'model', 'api', 'timer', 'repair')),
    actor TEXT NOT NULL,
    rule_id UUID,
    flow_revision BIGINT NOT NULL,
    trace JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    event_position BIGINT NOT NULL,
    PRIMARY KEY (business_id, conversation_id, version, seq),
    FOREIGN KEY (business_id, conversation_id) REFERENCES conversations(business_id, conversation_id) ON DELETE CASCADE
); -- clustered

-- One line for every commit. No conversation: one was erased.
CREATE TABLE events (
    position BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    business_id UUID NOT NULL,
    conversation_id TEXT,
    version BIGINT NOT NULL,
    body JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL
);

-- Folded from the events. The hour 0 (1970) holds the running totals and, in recent, the positions of the last events.
CREATE TABLE stage_statistics (
    business_id UUID NOT NULL,
    stage_id UUID NOT NULL,
    hour TIMESTAMP WITH TIME ZONE NOT NULL,
    entered BIGINT NOT NULL,
    departed BIGINT NOT NULL,
    durations JSONB NOT NULL,
    recent JSONB NOT NULL,
    PRIMARY KEY (business_id, stage_id, hour),
    FOREIGN KEY (business_id, stage_id) REFERENCES stages(business_id, stage_id) ON DELETE CASCADE
);

CREATE TABLE followers (
    name TEXT PRIMARY KEY NOT NULL,
    position BIGINT NOT NULL
);

CREATE TABLE erased_conversations (
    business_id UUID NOT NULL REFERENCES businesses(business_id) ON DELETE CASCADE,
    pseudonym BYTEA NOT NULL,
    version BIGINT NOT NULL,
    erased_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (business_id, pseudonym)
);

-- Every saved body. No body: it was deleted.
CREATE TABLE revisions (
    business_id UUID NOT NULL REFERENCES businesses(business_id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    id UUID NOT NULL,
    revision BIGINT NOT NULL,
    body JSONB,
    author TEXT NOT NULL,
    flow_revision BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (business_id, kind, id, revision)
);

CREATE TABLE audit_log (
    position BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    business_id UUID NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL
);
CREATE INDEX audit_log_by_business ON audit_log (business_id, position);

CREATE TABLE api_keys (
    key_id UUID PRIMARY KEY NOT NULL,
    business_id UUID NOT NULL REFERENCES businesses(business_id) ON DELETE CASCADE,
    key_name TEXT NOT NULL,
    prefix TEXT NOT NULL UNIQUE,
    hash BYTEA NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'viewer', 'runtime')),
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE
);
CREATE INDEX api_keys_by_business ON api_keys (business_id, created_at);

-- The answers to requests with an idempotency key, sealed.
CREATE TABLE idempotency (
    scope BYTEA PRIMARY KEY NOT NULL,
    business_id UUID REFERENCES businesses(business_id) ON DELETE CASCADE,
    conversation_id TEXT,
    fingerprint BYTEA NOT NULL,
    status BIGINT NOT NULL,
    headers JSONB NOT NULL,
    sealed_body BYTEA NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL
);
CREATE INDEX idempotency_by_time ON idempotency (at);
CREATE INDEX idempotency_by_conversation ON idempotency (business_id, conversation_id) WHERE conversation_id IS NOT NULL;

-- What processes that keep copies must look at again.
CREATE TABLE changes (
    position BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    business_id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('flow', 'keys', 'deleted')),
    at TIMESTAMP WITH TIME ZONE NOT NULL
);
