// One batch of appends as the octets of one request: a simple query, the COPY data it reads and
// the end of that data, sent in a single write. Being one simple query, it is one transaction;
// being sent whole, the server never waits for us while it holds the lock on journal_head.
//
// Measured against INSERT … SELECT unnest(binary arrays), 1,000 events of 350 octets a batch
// (2026-11-21, npm run bench -- --journal-append): PostgreSQL's CPU per 10,000 events 57 and 54 ms,
// Node's 55 ms each, of which COPY's includes queue and readers' memory; WAL 707 and 751 octets per
// event. COPY with positions given by us took 47 ms, nextval() being what makes the difference, but
// needs a head that is known before the lock is held.
import { writeInt8, writeUuid } from '../../../postgres/binary-arrays.js';
import { assertAppend, assertName, refuseEventId, toJson } from '../../append-rules.js';
import type { NewEvent, StreamAppend } from '../../journal.js';

const QUERY = 0x51;
const COPY_DATA = 0x64;
const COPY_DONE = 0x63;
// PostgreSQL docs, COPY, "Binary Format": signature, flags, extension length.
const COPY_HEADER = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
const COLUMNS = 6;
const FIXED_ROW_OCTETS = 2 + 12 + 20 + 4 * 4;
const FRAME_END_OCTETS = 2 + 5;

// The count is padded, so that the rows can be written before it is known.
const COUNT_WIDTH = 8;
function queryText(count: number): string {
  const padded = String(count).padStart(COUNT_WIDTH);
  return (
    `with head as (update journal_head set position = position + ${padded} returning position) ` +
    `select position, setval('journal_position', position - ${padded}), ` +
    `pg_notify('journal_appended', position::text) from head; ` +
    'copy journal_events (revision, id, stream, type, data, metadata) from stdin (format binary)'
  );
}
const QUERY_OCTETS = queryText(0).length;
const ROWS_AT = 1 + 4 + QUERY_OCTETS + 1 + 1 + 4 + COPY_HEADER.length;

const INITIAL_OCTETS = 256 * 1024;
// A frame that had to grow beyond this is given back after use.
const KEPT_OCTETS = 4 * 1024 * 1024;

export class AppendFrame {
  private buffer = Buffer.allocUnsafe(INITIAL_OCTETS);
  private end = ROWS_AT;
  private count = 0;

  get eventCount(): number {
    return this.count;
  }

  get octets(): number {
    return this.end;
  }

  clear(): void {
    if (this.buffer.length > KEPT_OCTETS) this.buffer = Buffer.allocUnsafe(INITIAL_OCTETS);
    this.end = ROWS_AT;
    this.count = 0;
  }

  /**
   * Adds all events of `appends`, or nothing.
   * @throws InvalidAppendError
   */
  add(appends: readonly StreamAppend[]): void {
    const { end, count } = this;
    try {
      for (const append of appends) this.addOne(append);
    } catch (error) {
      this.end = end;
      this.count = count;
      throw error;
    }
  }

  /** The request; valid until the frame is cleared. */
  finish(): Buffer {
    this.reserve(FRAME_END_OCTETS);
    const buffer = this.buffer;
    buffer[0] = QUERY;
    buffer.writeInt32BE(4 + QUERY_OCTETS + 1, 1);
    let at = 5 + buffer.write(queryText(this.count), 5, 'latin1');
    buffer[at] = 0;
    buffer[at + 1] = COPY_DATA;
    const lengthAt = at + 2;
    at = lengthAt + 4;
    COPY_HEADER.copy(buffer, at);
    at = this.end;
    buffer[at] = 0xff; // -1 columns: no more rows
    buffer[at + 1] = 0xff;
    at += 2;
    buffer.writeInt32BE(at - lengthAt, lengthAt);
    buffer[at] = COPY_DONE;
    buffer.writeInt32BE(4, at + 1);
    return buffer.subarray(0, at + 5);
  }

  private addOne(append: StreamAppend): void {
    assertAppend(append);
    let revision = append.expectedRevision;
    for (const event of append.events) {
      revision += 1n;
      this.addRow(append.stream, revision, event);
    }
  }

  private addRow(stream: string, revision: bigint, event: NewEvent): void {
    const data = toJson(stream, event.type, event.data);
    const metadata = toJson(stream, event.type, event.metadata);
    assertName('type', event.type);
    const units = stream.length + event.type.length + data.length + metadata.length;
    this.reserve(FIXED_ROW_OCTETS + 3 * units);
    const buffer = this.buffer;
    let at = this.end;
    buffer[at] = 0;
    buffer[at + 1] = COLUMNS;
    buffer.writeInt32BE(8, at + 2);
    writeInt8(buffer, revision, at + 6);
    buffer.writeInt32BE(16, at + 14);
    if (!writeUuid(buffer, event.id, at + 18)) refuseEventId(stream, event.id);
    at = text(buffer, stream, at + 34);
    at = text(buffer, event.type, at);
    at = text(buffer, data, at);
    this.end = text(buffer, metadata, at);
    this.count += 1;
  }

  private reserve(octets: number): void {
    const needed = this.end + octets + FRAME_END_OCTETS;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.end);
    this.buffer = larger;
  }
}

function text(buffer: Buffer, value: string, at: number): number {
  const octets = buffer.write(value, at + 4);
  buffer.writeInt32BE(octets, at);
  return at + 4 + octets;
}
