// Compares appends with what is in the journal. Rows never change, so what it finds "appended"
// or in "conflict" stays true; "free" is only a guess that the unique key confirms or refutes.
import { int8Array, textArray } from '../../../postgres/binary-arrays.js';
import { statement } from '../../../postgres/postgres.js';
import { WrongExpectedRevisionError } from '../../journal.errors.js';
import { type AppendOutcome, NO_STREAM, type StreamAppend } from '../../journal.js';

const EXAMINE = statement(`
  select w.n, h.revision, e.id, e.position
  from unnest($1::text[], $2::int8[], $3::int8[]) with ordinality as w(stream, first, last, n)
  left join lateral (
    select revision from journal_events where stream = w.stream order by revision desc limit 1
  ) h on true
  left join lateral (
    select revision, id, position from journal_events
    where stream = w.stream and revision between w.first and w.last
  ) e on true
  order by w.n, e.revision`);

type Row = [n: bigint, actual: bigint | null, id: string | null, position: bigint | null];

export type Finding = AppendOutcome | { readonly status: 'free' };

/** Runs a query whose rows come as arrays. */
export type RunQuery = <Result extends unknown[]>(query: {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
  readonly rowMode: 'array';
}) => Promise<Result[]>;

/** One finding per append, in their order. */
export async function examine(run: RunQuery, appends: readonly StreamAppend[]): Promise<Finding[]> {
  const rows = await run<Row>({
    ...EXAMINE,
    rowMode: 'array',
    values: [
      textArray(appends.map((append) => append.stream)),
      int8Array(appends.map((append) => append.expectedRevision + 1n)),
      int8Array(appends.map((append) => append.expectedRevision + BigInt(append.events.length))),
    ],
  });
  const findings: Finding[] = [];
  let next = 0;
  for (const [index, append] of appends.entries()) {
    const first = next;
    while (rows[next]?.[0] === BigInt(index + 1)) next += 1;
    findings.push(findingOf(append, rows.slice(first, next)));
  }
  return findings;
}

function findingOf(append: StreamAppend, rows: readonly Row[]): Finding {
  const { stream, expectedRevision, events } = append;
  const actual = rows[0]?.[1] ?? NO_STREAM;
  const same = rows.length === events.length && events.every((event, n) => event.id === rows[n]?.[2]);
  const position = rows.at(-1)?.[3];
  if (same && typeof position === 'bigint') {
    return { status: 'appended', revision: expectedRevision + BigInt(events.length), position };
  }
  if (actual === expectedRevision) return { status: 'free' };
  return { status: 'conflict', error: new WrongExpectedRevisionError(stream, expectedRevision, actual) };
}
