-- Any part of an item's title, number or text, three characters or more.
CREATE VIRTUAL TABLE item_search USING fts5(
  search_text, content='items', content_rowid='seq', tokenize='trigram'
);
CREATE TRIGGER items_search_insert AFTER INSERT ON items BEGIN
  INSERT INTO item_search(rowid, search_text) VALUES (new.seq, new.search_text);
END;
CREATE TRIGGER items_search_delete AFTER DELETE ON items BEGIN
  INSERT INTO item_search(item_search, rowid, search_text)
  VALUES ('delete', old.seq, old.search_text);
END;
CREATE TRIGGER items_search_update AFTER UPDATE OF search_text ON items BEGIN
  INSERT INTO item_search(item_search, rowid, search_text)
  VALUES ('delete', old.seq, old.search_text);
  INSERT INTO item_search(rowid, search_text) VALUES (new.seq, new.search_text);
END;
-- Missed calls nobody has called back.
CREATE INDEX calls_not_returned ON calls(started_at)
  WHERE direction = 'incoming' AND answered_at IS NULL AND returned_at IS NULL;
-- Times of calls there are already.
UPDATE calls SET
  wait_ms = max(0, coalesce(answered_at, ended_at, started_at) - started_at),
  talk_ms = max(0, coalesce(ended_at - answered_at, 0));
