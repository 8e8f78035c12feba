// Small things the benches share.

/** A percentile by nearest rank, rounded to `1 / parts`. */
export function percentile(values, percent, parts = 10) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1);
  return Math.round(sorted[at] * parts) / parts;
}

/** Contacts spread over the whole list, as they are shown: name, number to call from, number on the card. */
export async function contacts(trubka, count) {
  const found = [];
  let cursor = '';
  while (found.length < count) {
    const page = await trubka.api('GET', `/contacts?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    for (const contact of page.items) {
      const phone = contact.phones[0];
      if (phone?.e164.startsWith('+')) found.push({ name: contact.name, number: phone.e164.slice(1), shown: phone.display });
    }
    if (!page.next_cursor) break;
    cursor = page.next_cursor;
  }
  return found.slice(0, count);
}
