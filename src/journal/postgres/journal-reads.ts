// The journal's queries and the way from a row to an event.
import type pg from 'pg';
import { textArray } from '../../postgres/binary-arrays.js';
import { statement } from '../../postgres/postgres.js';
import { JournalUnavailableError } from '../journal.errors.js';
import type { EventMetadata, RecordedEvent } from '../journal.js';

const COLUMNS = 'position, stream, revision, id, type, data::text, metadata::text';

const ALL = statement(`select ${COLUMNS} from journal_events where position > $1 order by position limit $2`);
const STREAM = statement(
  `select ${COLUMNS} from journal_events where stream = $1 and revision >= $2 order by revision`,
);
// lateral: one index descent per stream, whatever the planner thinks of the array's length.
const STREAMS = statement(`
  select e.* from unnest($1::text[]) with ordinality as w(stream, n)
  cross join lateral (
    select ${COLUMNS} from journal_events where stream = w.stream order by revision
  ) e order by w.n, e.revision`);
const HEAD = statement('select position from journal_head');

type Row = [
  position: bigint,
  stream: string,
  revision: bigint,
  id: string,
  type: string,
  data: string,
  metadata: string,
];

export class JournalReads {
  constructor(private readonly pool: pg.Pool) {}

  /** Events and what they weigh, in UTF-16 units of JSON. */
  async all(after: bigint, limit: number): Promise<{ events: RecordedEvent[]; units: number }> {
    const rows = await this.rows<Row>(ALL, [String(after), limit]);
    let units = 0;
    for (const row of rows) units += row[5].length + row[6].length;
    return { events: rows.map(eventOf), units };
  }

  async stream(stream: string, fromRevision: bigint): Promise<RecordedEvent[]> {
    return (await this.rows<Row>(STREAM, [stream, String(fromRevision)])).map(eventOf);
  }

  async streams(streams: readonly string[]): Promise<Map<string, RecordedEvent[]>> {
    const rows = await this.rows<Row>(STREAMS, [textArray(streams)]);
    const found = new Map<string, RecordedEvent[]>();
    let current: RecordedEvent[] = [];
    let stream: string | undefined;
    for (const row of rows) {
      if (row[1] !== stream) {
        stream = row[1];
        current = [];
        found.set(stream, current);
      }
      current.push(eventOf(row));
    }
    return found;
  }

  async head(): Promise<bigint> {
    const [row] = await this.rows<[bigint]>(HEAD, []);
    if (row === undefined) throw new JournalUnavailableError('journal_head has no row: run the migrations');
    return row[0];
  }

  private async rows<Result extends unknown[]>(
    query: { readonly name: string; readonly text: string },
    values: unknown[],
  ): Promise<Result[]> {
    try {
      const result = await this.pool.query<Result>({ ...query, values, rowMode: 'array' });
      return result.rows;
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      throw new JournalUnavailableError(`the journal could not be read: ${problem}`, { cause });
    }
  }
}

function eventOf([position, stream, revision, id, type, data, metadata]: Row): RecordedEvent {
  return {
    id,
    type,
    data: JSON.parse(data) as object,
    metadata: JSON.parse(metadata) as EventMetadata,
    stream,
    revision,
    position,
  };
}
