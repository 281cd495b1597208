-- How many of those that left a stage went nowhere: they were cleared, or expired.
ALTER TABLE stage_statistics ADD COLUMN ended BIGINT NOT NULL DEFAULT 0;
