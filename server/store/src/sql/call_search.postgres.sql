-- Any part of the client's number, of a call's note, and of the network's name for the client.
CREATE INDEX calls_number_part ON calls USING gin (number_e164 gin_trgm_ops);
CREATE INDEX calls_note_part ON calls USING gin (note gin_trgm_ops);
CREATE INDEX calls_network_name_part ON calls USING gin (network_name gin_trgm_ops);
