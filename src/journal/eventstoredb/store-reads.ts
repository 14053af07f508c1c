// Reads from EventStoreDB, asked of the leader, so that what was acknowledged is seen. The client
// of 6.2 cannot filter what it reads from everything: foreign events are passed over here, and
// where they end is remembered, so that nobody passes over them twice.
import {
  type AllStreamResolvedEvent,
  BACKWARDS,
  END,
  type EventStoreDBClient,
  FORWARDS,
  NotLeaderError,
  START,
  StreamDeletedError,
  StreamNotFoundError,
  UnavailableError,
} from '@eventstore/db-client';
import type { Clock } from '../../clock/clock.js';
import { JournalUnavailableError } from '../journal.errors.js';
import { BEGINNING, type RecordedEvent } from '../journal.js';
import { Slots } from './slots.js';
import { gather } from './store-client.js';
import { messageOf } from './store-errors.js';
import { fromWire } from './wire-events.js';

const STREAMS_AT_ONCE = 32;
const FIRST_PAGE = 32;
const LARGEST_PAGE = 2_000;
/** As many readers as stand at the same place at once, and some that are behind. */
const REMEMBERED_PLACES = 16;
// A leader that leaves: one try at the old one, one at the new one, one more.
const TRIES = 3;
const PAUSE_MS = 100;

export class StoreReads {
  private readonly slots = new Slots(STREAMS_AT_ONCE);
  /** Nothing of ours stands between the key and its value. */
  private readonly passedOver = new Map<bigint, bigint>();
  private lastOwn = BEGINNING;

  constructor(
    private readonly client: EventStoreDBClient,
    private readonly prefix: string,
    private readonly clock: Clock,
    private readonly timeoutMs: number,
  ) {}

  async stream(stream: string, fromRevision: bigint): Promise<RecordedEvent[]> {
    return this.slots.run(async () => {
      const resolved = await this.patiently(`stream ${stream}`, async () => {
        const read = this.client.readStream(this.prefix + stream, {
          fromRevision,
          direction: FORWARDS,
          requiresLeader: true,
        });
        return gather(this.clock, this.timeoutMs, 'the read', read);
      });
      return resolved.flatMap(({ event }) => (event === undefined ? [] : [fromWire(event, this.prefix)]));
    });
  }

  async streams(streams: readonly string[]): Promise<Map<string, RecordedEvent[]>> {
    const all = await Promise.all(
      streams.map(async (stream) => [stream, await this.stream(stream, 0n)] as const),
    );
    return new Map(all.filter(([, events]) => events.length > 0));
  }

  async all(after: bigint, limit: number): Promise<RecordedEvent[]> {
    const found: RecordedEvent[] = [];
    let from = this.passedOver.get(after) ?? after;
    for (let surplus = 1; found.length < limit; surplus = Math.min(2 * surplus, LARGEST_PAGE)) {
      // The place itself comes again.
      const size = limit - found.length + surplus;
      const page = await this.page(from, size, FORWARDS);
      for (const { event } of page) {
        if (found.length === limit || event === undefined) break;
        if (event.position.commit > after && event.streamId.startsWith(this.prefix)) {
          found.push(fromWire(event, this.prefix));
        }
      }
      const last = page.at(-1)?.event?.position.commit ?? from;
      if (found.length === 0 && last > from) this.remember(after, last);
      if (page.length < size) break;
      from = last;
      if (found.length > 0) after = found.at(-1)?.position ?? after;
    }
    this.noteOwn(found.at(-1)?.position ?? BEGINNING);
    return found;
  }

  async head(): Promise<bigint> {
    let before: bigint | undefined;
    for (let size = FIRST_PAGE; ; size = Math.min(2 * size, LARGEST_PAGE)) {
      const page = await this.page(before, size, BACKWARDS);
      for (const { event } of page) {
        if (event === undefined) continue;
        const { commit } = event.position;
        if (commit <= this.lastOwn) return this.lastOwn;
        if (event.streamId.startsWith(this.prefix)) return this.noteOwn(commit);
      }
      if (page.length < size) return this.lastOwn;
      before = page.at(-1)?.event?.position.commit;
    }
  }

  /** @param from undefined: the end */
  private page(
    from: bigint | undefined,
    maxCount: number,
    direction: typeof FORWARDS | typeof BACKWARDS,
  ): Promise<AllStreamResolvedEvent[]> {
    const fromPosition =
      from === undefined ? END : from === BEGINNING ? START : { commit: from, prepare: from };
    return this.patiently('the journal', () => {
      const read = this.client.readAll({ fromPosition, maxCount, direction, requiresLeader: true });
      return gather(this.clock, this.timeoutMs, 'the read', read);
    });
  }

  private async patiently<T>(what: string, read: () => Promise<T[]>): Promise<T[]> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await read();
      } catch (cause) {
        if (cause instanceof StreamNotFoundError || cause instanceof StreamDeletedError) return [];
        const mayPass = cause instanceof NotLeaderError || cause instanceof UnavailableError;
        if (!mayPass || tried === TRIES) {
          throw new JournalUnavailableError(`${what} could not be read: ${messageOf(cause)}`, { cause });
        }
        await this.clock.wait(PAUSE_MS);
      }
    }
  }

  private noteOwn(position: bigint): bigint {
    if (position > this.lastOwn) this.lastOwn = position;
    return this.lastOwn;
  }

  private remember(after: bigint, passed: bigint): void {
    this.passedOver.delete(after);
    this.passedOver.set(after, passed);
    const [oldest] = this.passedOver.keys();
    if (this.passedOver.size > REMEMBERED_PLACES && oldest !== undefined) this.passedOver.delete(oldest);
  }
}
