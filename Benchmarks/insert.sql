\set conversation random(1, 10000)
\set stage random(1, 20)
INSERT INTO moves (conversation_id, stage_id, data) VALUES ('customer-' || :conversation, :stage, '{"topic":"refund","order_id":"LL-10000"}');
