// The messages this process may submit next, by connector and lane: small windows over
// awaiting_outcome, filled from its rows, and directly by messages that this process has just
// accepted. One reader for all connectors: a message that no connector takes now is passed over, so
// that those behind it are found, and comes by again.
//
// The rows are a moment behind the journal, so a message just taken still stands there as due:
// what was taken is remembered by (message, due instant) and skipped. A deferred message comes
// back with a new due instant.
import {
  LANES,
  SUSPECT_LANE,
  slotOf,
} from '../../projections/awaiting-outcome/awaiting-outcome.projection.js';
import type {
  AwaitingOutcomeQueries,
  DueMessage,
  DueSubmit,
  LaneCursor,
} from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import type { Clock } from '../clock/clock.js';
import type { NewEvent } from '../journal/journal.js';
import { RecentMap } from '../memory/recent-map.js';
import type { MessageAccepted } from '../message/message.events.js';
import { DEFAULT_TENANT, type RouteFacts } from '../message/route-facts.js';

/** Who takes what. */
export interface LaneRouting {
  /** Null: no connector takes it now. */
  connectorFor(facts: RouteFacts): string | null;
  /** Connectors that take submits now. */
  takers(): readonly string[];
}

/** The lanes as one connector sees them. */
export interface ConnectorLanes {
  /** Messages read ahead and not taken yet. */
  readonly size: number;
  /** Up to `limit` messages, higher lanes first, the longest waiting first within a lane. */
  take(limit: number): readonly DueMessage[];
  /** The suspect that waits longest (isSuspect in parts.ts); `take` never gives one. */
  takeSuspect(): DueMessage | undefined;
  /** Reads on in every lane that runs low; true when the read model is known to have more. */
  refill(): Promise<boolean>;
}

/** Messages kept per connector and lane at most. */
const READ_AHEAD = 5_000;

/** Rows read at once. */
const PAGE = 1_000;

/** Pages of one lane in one refill, so that a lane full of messages nobody takes holds up no other. */
const MAX_PAGES = 10;

/** How often a lane is read from its beginning again, for rows that appeared behind the cursor. */
const REWIND_MS = 1_000;

/** A reading that passed over messages may take no more than a fifth of the time. */
const REST = 4;

/** Several seconds of traffic: longer than the projection ever lags behind the journal. */
const REMEMBERED = 15_000;

/** high, normal, low, and the suspects. */
const LANE_COUNT = SUSPECT_LANE + 1;

interface Lane {
  readonly number: number;
  cursor: LaneCursor | null;
  startedAtMs: number;
  rewindAtMs: number;
  /** Some message was passed over since the lane was read from its beginning. */
  passedOver: boolean;
  atEnd: boolean;
}

type Queues = readonly DueMessage[][];

export class SendLanes {
  private readonly lanes: readonly Lane[] = Array.from({ length: LANE_COUNT }, (_, number) => ({
    number,
    cursor: null,
    startedAtMs: Number.NEGATIVE_INFINITY,
    rewindAtMs: Number.NEGATIVE_INFINITY,
    passedOver: false,
    atEnd: true,
  }));
  private readonly queues = new Map<string, Queues>();
  private readonly taken = new RecentMap<string, true>(REMEMBERED);
  private reading: Promise<boolean> | undefined;

  constructor(
    private readonly due: Pick<AwaitingOutcomeQueries, 'dueSubmits'>,
    private readonly clock: Clock,
    private readonly slots: () => readonly number[],
    private readonly routing: LaneRouting,
  ) {}

  /** The lanes of one connector. */
  of(connector: string): ConnectorLanes {
    const size = (): number => this.queuesOf(connector).reduce((sum, queue) => sum + queue.length, 0);
    return {
      get size() {
        return size();
      },
      take: (limit) => this.take(connector, limit),
      takeSuspect: () => this.queuesOf(connector)[SUSPECT_LANE]?.shift(),
      refill: () => this.refill(),
    };
  }

  /** What the connector has not taken may go another way: it is found again in the read model. */
  release(connector: string): void {
    for (const queue of this.queuesOf(connector)) {
      for (const message of queue.splice(0)) this.taken.delete(keyOf(message));
    }
    for (const lane of this.lanes) lane.passedOver = true;
  }

  /**
   * Messages just accepted here, due at once: they need not wait for the read model. What does not
   * fit, or belongs to another sender's slot, is found in the read model by its turn.
   * @returns the connectors that have something to take now
   */
  accepted(events: readonly NewEvent[]): ReadonlySet<string> {
    const slots = new Set(this.slots());
    const filled = new Set<string>();
    for (const { type, data, metadata } of events) {
      if (type !== 'MessageAccepted') continue;
      const message = data as MessageAccepted;
      if (message.sendAt !== null || !slots.has(slotOf(message.messageId))) continue;
      const connector = this.routing.connectorFor(factsOf(message));
      if (connector === null) continue;
      const due = { messageId: message.messageId, dueAt: metadata.at };
      if (this.put(connector, LANES[message.priority], due)) filled.add(connector);
    }
    return filled;
  }

  /** One reading at a time: who asks meanwhile gets the answer of the one under way. */
  private refill(): Promise<boolean> {
    this.reading ??= this.readLanes().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async readLanes(): Promise<boolean> {
    const slots = this.slots();
    if (slots.length === 0) return false;
    let more = false;
    for (const lane of this.lanes) {
      // Suspects have waited a minute: a look each second is enough, and spares a query per wake.
      if (lane.number === SUSPECT_LANE && this.clock.monotonicMs() < lane.rewindAtMs) continue;
      let pageWasFull = true;
      for (let page = 0; page < MAX_PAGES && pageWasFull && this.isHungry(lane); page++) {
        pageWasFull = await this.readOn(lane, slots);
      }
      more ||= pageWasFull && this.routing.takers().length > 0;
    }
    return more;
  }

  private take(connector: string, limit: number): readonly DueMessage[] {
    const taken: DueMessage[] = [];
    for (const queue of this.queuesOf(connector).slice(0, SUSPECT_LANE)) {
      if (taken.length >= limit) break;
      taken.push(...queue.splice(0, limit - taken.length));
    }
    return taken;
  }

  private isHungry({ number }: Lane): boolean {
    return this.routing
      .takers()
      .some((connector) => (this.queuesOf(connector)[number]?.length ?? 0) < PAGE / 2);
  }

  private queuesOf(connector: string): Queues {
    let queues = this.queues.get(connector);
    if (queues === undefined) {
      queues = Array.from({ length: LANE_COUNT }, () => []);
      this.queues.set(connector, queues);
    }
    return queues;
  }

  /** False when the lane is full. */
  private put(connector: string, lane: number, { messageId, dueAt }: DueMessage): boolean {
    const message = { messageId, dueAt };
    const key = keyOf(message);
    if (this.taken.has(key)) return true;
    const queue = this.queuesOf(connector)[lane];
    if (queue === undefined || queue.length >= READ_AHEAD) return false;
    this.taken.set(key, true);
    queue.push(message);
    return true;
  }

  /** Reads one page; false when the lane has no more for now. */
  private async readOn(lane: Lane, slots: readonly number[]): Promise<boolean> {
    const nowMs = this.clock.monotonicMs();
    if (nowMs >= lane.rewindAtMs && (lane.atEnd || !lane.passedOver)) {
      lane.cursor = null;
      lane.startedAtMs = nowMs;
      lane.rewindAtMs = nowMs + REWIND_MS;
      lane.passedOver = false;
      lane.atEnd = false;
    }
    const now = this.clock.isoNow();
    const page = await this.due.dueSubmits({
      lane: lane.number,
      slots,
      now,
      after: lane.cursor,
      limit: PAGE,
    });
    for (const message of page) this.place(lane, message);
    const last = page.at(-1);
    if (last !== undefined) lane.cursor = { dueAt: last.dueAt, messageId: last.messageId };
    const wasAtEnd = lane.atEnd;
    lane.atEnd = page.length < PAGE;
    // Once per reading: looking again at the end must not put the next reading off.
    if (lane.atEnd && !wasAtEnd && lane.passedOver) {
      const endedMs = this.clock.monotonicMs();
      lane.rewindAtMs = Math.max(lane.rewindAtMs, endedMs + REST * (endedMs - lane.startedAtMs));
    }
    return !lane.atEnd;
  }

  private place(lane: Lane, message: DueSubmit): void {
    if (this.taken.has(keyOf(message))) return;
    const connector = this.routing.connectorFor(message.route);
    if (connector === null || !this.put(connector, lane.number, message)) lane.passedOver = true;
  }
}

function factsOf(message: MessageAccepted): RouteFacts {
  const { from, priority, personal } = message;
  return { to: personal.to, from, class: message.class, priority, tenant: DEFAULT_TENANT, last: null };
}

/** The same instant may be written with milliseconds or microseconds. */
function keyOf({ messageId, dueAt }: DueMessage): string {
  return `${messageId}${String(Date.parse(dueAt))}`;
}
