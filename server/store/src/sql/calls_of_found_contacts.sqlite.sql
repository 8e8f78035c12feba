"calls"."number_e164" IN (
  SELECT p.e164 FROM contact_search s
  JOIN contacts c ON c.seq = s.rowid AND c.deleted_at IS NULL
  JOIN contact_phones p ON p.contact_id = c.id
  WHERE s.contact_search MATCH ?
)
