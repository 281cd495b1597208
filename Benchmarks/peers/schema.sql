-- What the Python services keep in PostgreSQL: one business with :stages stages, as the specification names the columns.
CREATE TABLE businesses (business_id UUID PRIMARY KEY, business_name TEXT NOT NULL, api_key TEXT UNIQUE NOT NULL);
CREATE TABLE templates (
    template_id UUID PRIMARY KEY,
    business_id UUID NOT NULL REFERENCES businesses(business_id) ON DELETE CASCADE,
    template_name TEXT NOT NULL,
    template_type TEXT NOT NULL,
    content TEXT NOT NULL
);
CREATE TABLE stages (
    stage_id UUID PRIMARY KEY NOT NULL,
    business_id UUID NOT NULL REFERENCES businesses(business_id) ON DELETE CASCADE,
    agent_id UUID,
    stage_name TEXT NOT NULL,
    stage_description TEXT NOT NULL,
    stage_type TEXT NOT NULL,
    stage_selection_template_id UUID NOT NULL REFERENCES templates(template_id),
    data_extraction_template_id UUID NOT NULL REFERENCES templates(template_id),
    response_generation_template_id UUID NOT NULL REFERENCES templates(template_id),
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW()
);
CREATE INDEX stages_by_business ON stages (business_id, stage_name);

INSERT INTO businesses VALUES (gen_random_uuid(), 'Benchmark', 'key-of-the-benchmark');
INSERT INTO templates
    SELECT gen_random_uuid(), business_id, purpose, purpose, repeat('Hello {{user_name}}! ', 20)
    FROM businesses, unnest(ARRAY['stage_selection', 'data_extraction', 'response_generation']) AS purpose;
INSERT INTO stages
    SELECT gen_random_uuid(), business_id, NULL, 'Stage ' || lpad(number::text, 2, '0'),
        'Asks for the order and what is to be done about it, until both are known.', 'form',
        (SELECT template_id FROM templates WHERE template_type = 'stage_selection'),
        (SELECT template_id FROM templates WHERE template_type = 'data_extraction'),
        (SELECT template_id FROM templates WHERE template_type = 'response_generation')
    FROM businesses, generate_series(1, :stages) AS number;
