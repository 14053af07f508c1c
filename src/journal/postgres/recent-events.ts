// The newest events in the order of positions, without a gap, so that the readers of this process
// rarely ask the database. Never holds an event that is not committed.
import type { RecordedEvent } from '../journal.js';

export interface RecentEventsLimits {
  readonly events: number;
  readonly octets: number;
}

// What an event costs besides its octets on the wire: objects, two bigints, slots. A guess.
const OVERHEAD_OCTETS = 400;

export class RecentEvents {
  private readonly slots: (RecordedEvent | undefined)[];
  private readonly sizes: Float64Array;
  private start = 0;
  private count = 0;
  private octets = 0;
  private lastPosition = 0n;

  constructor(private readonly limits: RecentEventsLimits) {
    this.slots = new Array<RecordedEvent | undefined>(limits.events);
    this.sizes = new Float64Array(limits.events);
  }

  /** Position of the newest event held; undefined when empty. */
  get last(): bigint | undefined {
    return this.count === 0 ? undefined : this.lastPosition;
  }

  /**
   * Takes contiguous events that follow, or overlap, what is held. After a gap they are not
   * taken, unless what is held is so old that a reader will hardly come for it.
   * @param averageOctets of one event as sent or received
   */
  offer(events: readonly RecordedEvent[], averageOctets: number): void {
    const first = events[0];
    if (first === undefined) return;
    if (this.count > 0 && first.position > this.lastPosition + 1n) {
      if (first.position - this.lastPosition < BigInt(this.limits.events)) return;
      this.clear();
    }
    const size = averageOctets + OVERHEAD_OCTETS;
    for (const event of events) {
      if (this.count > 0 && event.position <= this.lastPosition) continue;
      this.push(event, size);
    }
  }

  /** Up to `limit` events after `after`; undefined when the next one is not held. */
  read(after: bigint, limit: number): RecordedEvent[] | undefined {
    if (this.count === 0 || after >= this.lastPosition) return undefined;
    const behind = this.lastPosition - after;
    if (behind > BigInt(this.count)) return undefined;
    const available = Number(behind);
    const length = Math.min(available, limit);
    const events: RecordedEvent[] = [];
    let slot = (this.start + this.count - available) % this.limits.events;
    for (let taken = 0; taken < length; taken += 1) {
      const event = this.slots[slot];
      if (event !== undefined) events.push(event);
      slot = slot + 1 === this.limits.events ? 0 : slot + 1;
    }
    return events;
  }

  private push(event: RecordedEvent, size: number): void {
    while (this.count > 0 && (this.count === this.limits.events || this.octets + size > this.limits.octets)) {
      this.dropOldest();
    }
    const slot = (this.start + this.count) % this.limits.events;
    this.slots[slot] = event;
    this.sizes[slot] = size;
    this.octets += size;
    this.count += 1;
    this.lastPosition = event.position;
  }

  private dropOldest(): void {
    this.slots[this.start] = undefined;
    this.octets -= this.sizes[this.start] ?? 0;
    this.start = this.start + 1 === this.limits.events ? 0 : this.start + 1;
    this.count -= 1;
  }

  private clear(): void {
    while (this.count > 0) this.dropOldest();
  }
}
