// Import: a CSV of 100,000 rows, from the start to the last row committed, into the folder DATA (an empty
// one unless told). With DATABASE (an address of PostgreSQL) the tables are there instead of in SQLite.
import fs from 'node:fs/promises';
import os from 'node:os';
import { Trubka } from '../fixtures/server.mjs';
import { until } from '../fixtures/process.mjs';

const rows = Number(process.env.ROWS ?? 100_000);
const args = process.env.DATABASE ? ['--database', process.env.DATABASE] : [];

const given = process.env.DATA;

const trubka = await Trubka.start({ data: given, args });
try {
  await trubka.signIn();
  const line = (i) => `Клиент ${i},+7499${String(2_000_000 + i).padStart(7, '0')},client${i}@example.com,Компания ${i % 500},заметка ${i % 7}`;
  const table = ['ФИО,Телефон,E-mail,Компания,Теги', ...Array.from({ length: rows }, (_, i) => line(i))].join('\n');
  const uploaded = await fetch(`${trubka.url}/api/v1/imports?name=many.csv`, { method: 'POST', headers: { cookie: trubka.cookie, origin: trubka.url }, body: table });
  if (uploaded.status !== 201) throw new Error(await uploaded.text());
  const { id } = await uploaded.json();
  const began = performance.now();
  await trubka.raw('POST', `/imports/${id}/start`);
  const progress = await until('the import is through', async () => {
    const now = (await (await trubka.raw('GET', `/imports/${id}`)).json()).progress;
    return now.state === 'running' ? null : now;
  }, { timeout: 600_000 });
  const secs = (performance.now() - began) / 1000;
  if (progress.state !== 'done' || progress.created !== rows) throw new Error(JSON.stringify(progress));
  const status = await fs.readFile(`/proc/${trubka.process.pid}/status`, 'utf8');
  const peak = Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1024);
  console.log(`import of ${rows} rows, load ${os.loadavg()[0].toFixed(2)}: ${secs.toFixed(1)} s, ${peak} MB at most`);
  const result = { import_100k_s: secs * (100_000 / rows), import_peak_rss_mb: peak };
  await fs.writeFile(process.env.OUT ?? '/dev/stdout', JSON.stringify(result));
} finally {
  // What was given is somebody else's to delete.
  if (given) await trubka.process.stop();
  else await trubka.stop();
}
