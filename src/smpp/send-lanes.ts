// The messages this process may submit next, by lane: a small window over awaiting_outcome, filled
// from its rows, and directly by messages that this process has just accepted.
//
// The rows are a moment behind the journal, so a message just taken still stands there as due:
// what was taken is remembered by (message, due instant) and skipped. A deferred message comes
// back with a new due instant.
import { LRUCache } from 'lru-cache';
import { SUSPECT_LANE, slotOf } from '../../projections/awaiting-outcome/awaiting-outcome.projection.js';
import type {
  AwaitingOutcomeQueries,
  DueMessage,
  LaneCursor,
} from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import type { Clock } from '../clock/clock.js';

/** Messages kept per lane at most. */
const READ_AHEAD = 5_000;

/** Rows read at once. */
const PAGE = 1_000;

/** How often a lane is read from its beginning again, for rows that appeared behind the cursor. */
const REWIND_MS = 1_000;

/** Several seconds of traffic: longer than the projection ever lags behind the journal. */
const REMEMBERED = 20_000;

/** high, normal, low: the numbers of LANES. */
const LANE_COUNT = 3;

interface Lane {
  readonly number: number;
  waiting: DueMessage[];
  cursor: LaneCursor | null;
  rewoundAtMs: number;
}

export class SendLanes {
  private readonly lanes = Array.from({ length: LANE_COUNT }, (_, number) => newLane(number));
  private readonly suspects = newLane(SUSPECT_LANE);
  private readonly taken = new LRUCache<string, true>({ max: REMEMBERED });

  constructor(
    private readonly due: Pick<AwaitingOutcomeQueries, 'dueSubmits'>,
    private readonly clock: Clock,
    private readonly slots: () => readonly number[],
  ) {}

  /** Messages read ahead and not taken yet. */
  get size(): number {
    return this.all().reduce((sum, { waiting }) => sum + waiting.length, 0);
  }

  /** Up to `limit` messages, higher lanes first, the longest waiting first within a lane. */
  take(limit: number): readonly DueMessage[] {
    const taken: DueMessage[] = [];
    for (const lane of this.lanes) {
      if (taken.length >= limit) break;
      taken.push(...lane.waiting.splice(0, limit - taken.length));
    }
    return taken;
  }

  /** The suspect that waits longest (isSuspect in parts.ts); `take` never gives one. */
  takeSuspect(): DueMessage | undefined {
    return this.suspects.waiting.shift();
  }

  /**
   * Messages just accepted here, due at once: they need not wait for the read model. What does not
   * fit, or belongs to another sender's slot, is found in the read model by its turn.
   */
  offer(lane: number, messages: readonly DueMessage[]): void {
    const target = this.lanes[lane];
    if (target === undefined) return;
    const slots = new Set(this.slots());
    for (const message of messages) {
      if (target.waiting.length >= READ_AHEAD) return;
      if (slots.has(slotOf(message.messageId))) this.put(target, message);
    }
  }

  /** Reads on in every lane that runs low; true when the read model is known to have more. */
  async refill(): Promise<boolean> {
    const slots = this.slots();
    if (slots.length === 0) return false;
    let more = false;
    for (const lane of this.all()) {
      let pageWasFull = true;
      while (lane.waiting.length < PAGE / 2 && pageWasFull) pageWasFull = await this.readOn(lane, slots);
      more ||= pageWasFull;
    }
    return more;
  }

  private all(): readonly Lane[] {
    return [...this.lanes, this.suspects];
  }

  private put(lane: Lane, message: DueMessage): void {
    const key = keyOf(message);
    if (this.taken.has(key)) return;
    this.taken.set(key, true);
    lane.waiting.push(message);
  }

  /** Reads one page; false when the lane has no more for now. */
  private async readOn(lane: Lane, slots: readonly number[]): Promise<boolean> {
    if (this.clock.monotonicMs() - lane.rewoundAtMs >= REWIND_MS) {
      lane.cursor = null;
      lane.rewoundAtMs = this.clock.monotonicMs();
    }
    const now = this.clock.isoNow();
    const page = await this.due.dueSubmits({
      lane: lane.number,
      slots,
      now,
      after: lane.cursor,
      limit: PAGE,
    });
    for (const message of page) this.put(lane, message);
    const last = page.at(-1);
    if (last !== undefined) lane.cursor = last;
    return page.length === PAGE;
  }
}

function newLane(number: number): Lane {
  return { number, waiting: [], cursor: null, rewoundAtMs: Number.NEGATIVE_INFINITY };
}

/** The same instant may be written with milliseconds or microseconds. */
function keyOf({ messageId, dueAt }: DueMessage): string {
  return `${messageId}${String(Date.parse(dueAt))}`;
}
