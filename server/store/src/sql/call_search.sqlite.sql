-- Any part of a number there were calls with, three digits or more. A number is in it once.
CREATE TABLE call_numbers (seq INTEGER PRIMARY KEY, e164 TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE call_number_search USING fts5(
  e164, content='call_numbers', content_rowid='seq', tokenize='trigram'
);
-- What was written about a call, and the network's name for the client, where there is either.
CREATE TABLE call_texts (seq INTEGER PRIMARY KEY, call_id BLOB NOT NULL UNIQUE, text TEXT NOT NULL);
CREATE VIRTUAL TABLE call_text_search USING fts5(
  text, content='call_texts', content_rowid='seq', tokenize='trigram'
);
INSERT INTO call_numbers(e164)
  SELECT DISTINCT number_e164 FROM calls WHERE number_e164 IS NOT NULL;
INSERT INTO call_number_search(call_number_search) VALUES ('rebuild');
INSERT INTO call_texts(call_id, text)
  SELECT id, note || char(10) || coalesce(network_name, '') FROM calls
  WHERE note <> '' OR coalesce(network_name, '') <> '';
INSERT INTO call_text_search(call_text_search) VALUES ('rebuild');

CREATE TRIGGER call_numbers_insert AFTER INSERT ON call_numbers BEGIN
  INSERT INTO call_number_search(rowid, e164) VALUES (new.seq, new.e164);
END;
CREATE TRIGGER call_numbers_delete AFTER DELETE ON call_numbers BEGIN
  INSERT INTO call_number_search(call_number_search, rowid, e164) VALUES ('delete', old.seq, old.e164);
END;
CREATE TRIGGER call_texts_insert AFTER INSERT ON call_texts BEGIN
  INSERT INTO call_text_search(rowid, text) VALUES (new.seq, new.text);
END;
CREATE TRIGGER call_texts_delete AFTER DELETE ON call_texts BEGIN
  INSERT INTO call_text_search(call_text_search, rowid, text) VALUES ('delete', old.seq, old.text);
END;

CREATE TRIGGER calls_search_insert AFTER INSERT ON calls BEGIN
  INSERT INTO call_numbers(e164) SELECT new.number_e164
    WHERE new.number_e164 IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM call_numbers WHERE e164 = new.number_e164);
  INSERT INTO call_texts(call_id, text)
    SELECT new.id, new.note || char(10) || coalesce(new.network_name, '')
    WHERE new.note <> '' OR coalesce(new.network_name, '') <> '';
END;
CREATE TRIGGER calls_search_number AFTER UPDATE OF number_e164 ON calls
WHEN old.number_e164 IS NOT new.number_e164 BEGIN
  INSERT INTO call_numbers(e164) SELECT new.number_e164
    WHERE new.number_e164 IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM call_numbers WHERE e164 = new.number_e164);
  DELETE FROM call_numbers WHERE e164 = old.number_e164
    AND NOT EXISTS (SELECT 1 FROM calls WHERE number_e164 = old.number_e164);
END;
CREATE TRIGGER calls_search_text AFTER UPDATE OF note, network_name ON calls
WHEN old.note IS NOT new.note OR old.network_name IS NOT new.network_name BEGIN
  DELETE FROM call_texts WHERE call_id = old.id;
  INSERT INTO call_texts(call_id, text)
    SELECT new.id, new.note || char(10) || coalesce(new.network_name, '')
    WHERE new.note <> '' OR coalesce(new.network_name, '') <> '';
END;
CREATE TRIGGER calls_search_delete AFTER DELETE ON calls BEGIN
  DELETE FROM call_texts WHERE call_id = old.id;
  DELETE FROM call_numbers WHERE e164 = old.number_e164
    AND NOT EXISTS (SELECT 1 FROM calls WHERE number_e164 = old.number_e164);
END;
