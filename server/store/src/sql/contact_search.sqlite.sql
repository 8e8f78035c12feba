-- Any part of a name or number, three characters or more.
CREATE VIRTUAL TABLE contact_search USING fts5(
  search_text, content='contacts', content_rowid='seq', tokenize='trigram'
);
CREATE TRIGGER contacts_search_insert AFTER INSERT ON contacts BEGIN
  INSERT INTO contact_search(rowid, search_text) VALUES (new.seq, new.search_text);
END;
CREATE TRIGGER contacts_search_delete AFTER DELETE ON contacts BEGIN
  INSERT INTO contact_search(contact_search, rowid, search_text)
  VALUES ('delete', old.seq, old.search_text);
END;
CREATE TRIGGER contacts_search_update AFTER UPDATE OF search_text ON contacts BEGIN
  INSERT INTO contact_search(contact_search, rowid, search_text)
  VALUES ('delete', old.seq, old.search_text);
  INSERT INTO contact_search(rowid, search_text) VALUES (new.seq, new.search_text);
END;
-- Calls that run.
CREATE INDEX calls_running ON calls(started_at) WHERE ended_at IS NULL;
