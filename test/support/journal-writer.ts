// A process of its own that appends to the journal of a test: some writers with streams of their
// own, all writers of all processes also to shared streams, where they conflict and try again.
//   node journal-writer.ts <database url> <process name> <writers> <appends per writer>
import { SystemClock } from '../../src/clock/system-clock.js';
import { NO_STREAM } from '../../src/journal/journal.js';
import { PostgresJournal } from '../../src/journal/postgres/postgres-journal.js';
import { openPool } from '../../src/postgres/postgres.js';
import { eventNamed, eventsNamed } from './journal-events.js';

const [url = '', name = '', writers = '', appends = ''] = process.argv.slice(2);
const pool = openPool({ url, applicationName: `test ${name}` });
const journal = new PostgresJournal({ url, pool, clock: new SystemClock() });

async function writeOwn(writer: string): Promise<void> {
  for (let n = 0; n < Number(appends); n += 1) {
    const events = eventsNamed(`${writer}/${String(n)}`, 1 + (n % 3));
    const lists = [0, 1].map((list) => ({
      stream: `${writer}-${String(n)}-${String(list)}`,
      expectedRevision: NO_STREAM,
      events: events.map((event) => eventNamed(`${event.id}/${String(list)}`)),
    }));
    const outcomes = await journal.append(lists);
    if (outcomes.some(({ status }) => status !== 'appended'))
      throw new Error(`${writer} met a conflict in its own stream`);
  }
}

async function writeShared(writer: string): Promise<void> {
  for (let n = 0; n < Number(appends) / 10; n += 1) {
    const event = eventNamed(`${writer}/shared/${String(n)}`);
    for (;;) {
      const expectedRevision = BigInt((await journal.readStream('shared')).length) - 1n;
      const [outcome] = await journal.append([{ stream: 'shared', expectedRevision, events: [event] }]);
      if (outcome?.status === 'appended') break;
    }
  }
}

console.log(JSON.stringify({ ready: true }));
const names = Array.from({ length: Number(writers) }, (_, n) => `${name}-${String(n)}`);
await Promise.all(names.flatMap((writer) => [writeOwn(writer), writeShared(writer)]));
await journal.close();
await pool.end();
