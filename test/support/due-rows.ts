// The read model of open messages as it would be over an in-memory lifecycle: without any lag, or
// held where it is, as when its reader is behind.
import type {
  DueMessage,
  DueSubmit,
  DueSubmits,
  LaneCursor,
  SubmitLeftBehind,
} from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import { laneOf, slotOf } from '../../projections/awaiting-outcome/awaiting-outcome.projection.js';
import type { KnownMessage } from '../../src/message/message.js';
import { type NextStep, nextStepOf, type WaitingFor } from '../../src/message/next-step.js';
import { type RouteFacts, routeFactsOf } from '../../src/message/route-facts.js';
import type { InMemoryLifecycle } from './in-memory-lifecycle.js';

interface Row {
  readonly messageId: string;
  readonly step: NextStep;
  readonly sender: string | null;
  readonly route: RouteFacts;
}

export class DueRows {
  /** What dueSubmits was asked, in order. */
  readonly asked: DueSubmits[] = [];
  /** Called whenever dueSubmits is asked. */
  onAsked: (wanted: DueSubmits) => void = () => undefined;
  /** Sender processes that are gone. */
  readonly dead = new Set<string>();
  /** What is thrown instead of an answer. */
  failure: Error | null = null;
  private held: readonly Row[] | null = null;

  constructor(private readonly lifecycle: InMemoryLifecycle) {}

  /** From now on the rows stay as they are, whatever the messages do. */
  hold(): void {
    this.held = this.rows();
  }

  catchUp(): void {
    this.held = null;
  }

  dueSubmits(wanted: DueSubmits): Promise<readonly DueSubmit[]> {
    this.asked.push(wanted);
    this.onAsked(wanted);
    if (this.failure !== null) return Promise.reject(this.failure);
    const { lane, slots, now, after, limit } = wanted;
    const rows = this.rows()
      .filter(({ step }) => step.waitingFor === 'submit' && laneOf(step) === lane && step.dueAt <= now)
      .filter(({ messageId }) => slots.includes(slotOf(messageId)))
      .map((row) => ({ ...toDue(row), route: row.route }))
      .sort(byDueAt)
      .filter((row) => after === null || byDueAt(row, after) > 0);
    return Promise.resolve(rows.slice(0, limit));
  }

  due(waitingFor: WaitingFor, now: string, limit: number): Promise<readonly DueMessage[]> {
    if (this.failure !== null) return Promise.reject(this.failure);
    const rows = this.rows().filter(({ step }) => step.waitingFor === waitingFor && step.dueAt <= now);
    return Promise.resolve(rows.map(toDue).sort(byDueAt).slice(0, limit));
  }

  async dueAfter(
    waitingFor: WaitingFor,
    now: string,
    after: LaneCursor | null,
    limit: number,
  ): Promise<readonly DueMessage[]> {
    const due = await this.due(waitingFor, now, Infinity);
    return due.filter((row) => after === null || byDueAt(row, after) > 0).slice(0, limit);
  }

  overdue(now: string, limit: number): Promise<readonly string[]> {
    const rows = this.rows().filter(({ step }) => step.validUntil !== null && step.validUntil < now);
    return Promise.resolve(rows.slice(0, limit).map(({ messageId }) => messageId));
  }

  submitsLeftBehind(ownSender: string, limit: number): Promise<readonly SubmitLeftBehind[]> {
    if (this.failure !== null) return Promise.reject(this.failure);
    const rows = this.rows().flatMap(({ messageId, step, sender }) =>
      step.waitingFor === 'response' && sender !== null && sender !== ownSender && this.dead.has(sender)
        ? [{ messageId, sender }]
        : [],
    );
    return Promise.resolve(rows.slice(0, limit));
  }

  private rows(): readonly Row[] {
    return this.held ?? this.lifecycle.all().flatMap(rowOf);
  }
}

function rowOf(message: KnownMessage): Row[] {
  const step = nextStepOf(message);
  if (step === null) return [];
  return [
    {
      messageId: message.messageId,
      step,
      sender: message.lastAttempt?.sender ?? null,
      route: routeFactsOf(message),
    },
  ];
}

/** As PostgreSQL writes it: with microseconds. */
function toDue({ messageId, step }: Row): DueMessage {
  return { messageId, dueAt: step.dueAt.replace('Z', '000Z') };
}

function byDueAt(a: DueMessage, b: DueMessage): number {
  const left = a.dueAt + a.messageId;
  const right = b.dueAt + b.messageId;
  return left < right ? -1 : left > right ? 1 : 0;
}
