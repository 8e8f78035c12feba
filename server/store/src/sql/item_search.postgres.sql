-- Any part of an item's title, number or text.
CREATE INDEX items_search ON items USING gin (search_text gin_trgm_ops);
-- Missed calls nobody has called back.
CREATE INDEX calls_not_returned ON calls(started_at)
  WHERE direction = 'incoming' AND answered_at IS NULL AND returned_at IS NULL;
-- Times of calls there are already.
UPDATE calls SET
  wait_ms = greatest(0, coalesce(answered_at, ended_at, started_at) - started_at),
  talk_ms = greatest(0, coalesce(ended_at - answered_at, 0));
