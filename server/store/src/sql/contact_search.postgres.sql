-- Any part of a name or number. Names sort and begin as their characters do, in every locale.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
ALTER TABLE contacts ALTER COLUMN name_folded TYPE text COLLATE "C";
CREATE INDEX contacts_search ON contacts USING gin (search_text gin_trgm_ops);
-- Calls that run.
CREATE INDEX calls_running ON calls(started_at) WHERE ended_at IS NULL;
