// The port's rules about what may be appended, the same in every adapter.
import { InvalidAppendError } from './journal.errors.js';
import { NO_STREAM, type StreamAppend } from './journal.js';

// PostgreSQL text holds neither NUL nor half a surrogate pair, and a B-tree entry ends at about
// 2,700 octets: 512 UTF-16 units are at most 1,536. EventStoreDB stays below too.
const MAX_NAME_UNITS = 512;
const FORBIDDEN = /[\0\p{Surrogate}]/u;

/** @throws InvalidAppendError naming the field, the problem and the way out */
export function assertName(field: 'stream' | 'type', name: string): void {
  if (name.length > 0 && name.length <= MAX_NAME_UNITS && !FORBIDDEN.test(name)) return;
  const problem =
    name.length === 0
      ? 'is empty'
      : name.length > MAX_NAME_UNITS
        ? `has ${String(name.length)} characters`
        : 'holds NUL or half a surrogate pair';
  throw new InvalidAppendError(
    `${field} ${JSON.stringify(name.slice(0, 60))} ${problem}: use 1 to ${String(MAX_NAME_UNITS)} well-formed characters`,
  );
}

/** @throws InvalidAppendError */
export function assertAppend(append: StreamAppend): void {
  assertName('stream', append.stream);
  if (append.events.length === 0) {
    throw new InvalidAppendError(`append to stream ${append.stream} has no events: give at least one`);
  }
  if (append.expectedRevision < NO_STREAM) {
    throw new InvalidAppendError(
      `expectedRevision of stream ${append.stream} is ${String(append.expectedRevision)}: use NO_STREAM (-1) or a revision from 0`,
    );
  }
}

/** @throws InvalidAppendError always */
export function refuseRepeatedStream(stream: string): never {
  throw new InvalidAppendError(`stream ${stream} stands twice in one call: put its events into one append`);
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/**
 * All rules at once, for adapters that do not check while they encode.
 * @throws InvalidAppendError
 */
export function assertAppends(appends: readonly StreamAppend[]): void {
  const streams = new Set<string>();
  for (const append of appends) {
    assertAppend(append);
    if (streams.has(append.stream)) refuseRepeatedStream(append.stream);
    streams.add(append.stream);
    for (const event of append.events) {
      assertName('type', event.type);
      if (!UUID.test(event.id)) refuseEventId(append.stream, event.id);
      toJson(append.stream, event.type, event.data);
      toJson(append.stream, event.type, event.metadata);
    }
  }
}

/** @throws InvalidAppendError */
export function toJson(stream: string, type: string, value: object): string {
  let written: unknown;
  try {
    written = JSON.stringify(value);
  } catch (cause) {
    return refuseJson(stream, type, cause);
  }
  return typeof written === 'string' ? written : refuseJson(stream, type);
}

/** @throws InvalidAppendError always */
export function refuseEventId(stream: string, id: string): never {
  throw new InvalidAppendError(
    `event id ${JSON.stringify(id.slice(0, 60))} for stream ${stream} is not a UUID: use 36 lower-case characters`,
  );
}

function refuseJson(stream: string, type: string, cause?: unknown): never {
  throw new InvalidAppendError(
    `data or metadata of ${type} for stream ${stream} is not plain JSON: use objects without bigint and cycles`,
    { cause },
  );
}
