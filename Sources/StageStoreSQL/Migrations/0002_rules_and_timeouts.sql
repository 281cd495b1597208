-- Rules that lead from stage to stage. No first stage: from any.
CREATE TABLE transition_rules (
    rule_id UUID PRIMARY KEY NOT NULL,
    business_id UUID NOT NULL REFERENCES businesses(business_id) ON DELETE CASCADE,
    from_stage_id UUID,
    to_stage_id UUID NOT NULL,
    condition TEXT NOT NULL,
    selection TEXT NOT NULL CHECK (selection IN ('automatic', 'model')),
    priority BIGINT NOT NULL,
    description TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    revision BIGINT NOT NULL,
    UNIQUE (business_id, rule_id),
    FOREIGN KEY (business_id, from_stage_id) REFERENCES stages(business_id, stage_id),
    FOREIGN KEY (business_id, to_stage_id) REFERENCES stages(business_id, stage_id)
);
CREATE INDEX transition_rules_by_origin ON transition_rules (business_id, from_stage_id);
CREATE INDEX transition_rules_by_target ON transition_rules (business_id, to_stage_id);

-- When a stage's timeout takes a conversation elsewhere, and the minute of that, which is what the index stands on.
ALTER TABLE conversations ADD COLUMN timeout_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE conversations ADD COLUMN timeout_minute BIGINT;
ALTER TABLE conversations ADD COLUMN turns BIGINT NOT NULL DEFAULT 0;
CREATE INDEX conversations_by_timeout ON conversations (timeout_minute) WHERE timeout_minute IS NOT NULL;
