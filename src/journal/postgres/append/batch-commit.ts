// Brings one batch of calls to its end, whatever happens to it on the way.
//
// | a batch ended with          | then                                                             |
// |-----------------------------|------------------------------------------------------------------|
// | commit                      | every append in it is appended                                   |
// | unique (stream, revision)   | examine: conflicts and repeats are settled, the rest goes again  |
// | lock timeout                | evict a frozen writer of another process, go again, 5 times      |
// | refused, several calls      | each call goes alone, so that one cannot harm the others         |
// | refused, one call           | InvalidAppendError                                               |
// | unavailable                 | JournalUnavailableError: nothing was written                     |
// | link lost, FATAL, no answer | in doubt: reconnect, examine, go again with the same ids until   |
// |                             | the deadline, then AppendOutcomeUnknownError                     |
import type { Clock } from '../../../clock/clock.js';
import { sqlState, type Verdict, verdictOn, violatedConstraint } from '../../../postgres/failure.js';
import {
  AppendOutcomeUnknownError,
  InvalidAppendError,
  JournalUnavailableError,
} from '../../journal.errors.js';
import { NO_STREAM, type RecordedEvent, type StreamAppend } from '../../journal.js';
import { recorded } from '../../recorded-event.js';
import type { AppendCall, AppendItem } from './append-call.js';
import type { AppendFrame } from './append-frame.js';
import { examine } from './examine.js';
import type { KnownRevisions } from './known-revisions.js';
import type { WriterLink } from './writer-link.js';

export interface AppendCounters {
  calls: number;
  batches: number;
  events: number;
  conflicts: number;
  /** Appends whose very events were already there. */
  repeats: number;
  /** Tries to settle a batch whose outcome was in doubt. */
  inDoubtRetries: number;
}

/** What a batch left behind, to be published before its callers go on. */
export type OnCommitted = (events: readonly RecordedEvent[], averageOctets: number) => void;

export interface BatchPatience {
  /** How long a call waits for a connection before it is refused. */
  readonly connectPatienceMs: number;
  /** How long an append in doubt is pursued. */
  readonly inDoubtDeadlineMs: number;
}

export interface BatchOptions {
  readonly link: WriterLink;
  readonly known: KnownRevisions;
  readonly clock: Clock;
  readonly patience: BatchPatience;
  readonly counters: AppendCounters;
  readonly onCommitted: OnCommitted;
  /** The store is away: refuse the calls that have waited since before then. */
  readonly refuseWaiting: (queuedBeforeMs: number, error: Error) => void;
}

const RECONNECT_MIN_MS = 50;
const RECONNECT_MAX_MS = 1_000;
const LOCK_NOT_AVAILABLE = '55P03';
const LOCK_TRIES = 5;

interface Batch {
  readonly calls: readonly AppendCall[];
  readonly frame: AppendFrame;
  /** What is still to be written; the frame holds exactly these. */
  items: readonly AppendItem[];
  /** Of these: what must be compared with the journal before it is written. */
  unsure: readonly AppendItem[];
  /** Whether any octet of this try may have reached the server. */
  sent: boolean;
  inDoubtSinceMs?: number;
  lockTries: number;
  backOffMs: number;
}

export class BatchCommit {
  constructor(private readonly options: BatchOptions) {}

  /** Settles every call; `frame` holds their events in order. Never throws what the store does. */
  async commit(calls: readonly AppendCall[], frame: AppendFrame): Promise<void> {
    const items: AppendItem[] = [];
    for (const call of calls) call.openItems(items);
    const unsure = items.filter(({ append }) => !this.isKnown(append));
    const batch: Batch = {
      calls,
      frame,
      items,
      unsure,
      sent: false,
      lockTries: 0,
      backOffMs: RECONNECT_MIN_MS,
    };
    for (;;) {
      let head: bigint | undefined;
      try {
        batch.sent = false;
        head = await this.tryOnce(batch);
      } catch (error) {
        if (await this.goesAgain(batch, error)) continue;
        return;
      }
      if (head !== undefined) this.settleCommitted(batch, head);
      return;
    }
  }

  /** Position of the batch's last event; undefined when nothing was left to write. */
  private async tryOnce(batch: Batch): Promise<bigint | undefined> {
    const { link } = this.options;
    const client = await link.connected();
    if (batch.unsure.length > 0) {
      await this.settleBy(batch.unsure, (query) => link.query(client, query));
      const open = batch.items.filter(({ call, index }) => !call.isSettled(index));
      if (open.length < batch.items.length) fill(batch.frame, open);
      batch.items = open;
      batch.unsure = [];
    }
    if (batch.items.length === 0) return undefined;
    batch.sent = true;
    return link.append(client, batch.frame.finish());
  }

  /** Whether the batch is to be tried once more; if not, its calls have been rejected. */
  private async goesAgain(batch: Batch, error: unknown): Promise<boolean> {
    const { link, clock, patience, counters, refuseWaiting } = this.options;
    const { calls, items } = batch;
    if (violatedConstraint(error) === 'journal_events_stream_revision') {
      batch.unsure = items;
      return true;
    }
    if (sqlState(error) === LOCK_NOT_AVAILABLE && batch.lockTries < LOCK_TRIES) {
      batch.lockTries += 1;
      // Should it fail, the next try tells why.
      await link.evictFrozenWriter().catch(() => undefined);
      return true;
    }
    const nowMs = clock.monotonicMs();
    const verdict = verdictOn(error, batch.sent);
    if (verdict === 'unknown') batch.inDoubtSinceMs ??= nowMs;
    const { inDoubtSinceMs } = batch;
    if (inDoubtSinceMs === undefined && (batch.sent || verdict === 'refused')) {
      if (verdict === 'refused' && calls.length > 1) await this.commitAlone(calls, batch.frame);
      else rejectAll(items, definiteError(error, verdict));
      return false;
    }
    refuseWaiting(nowMs - patience.connectPatienceMs, definiteError(error, 'unavailable'));
    if (inDoubtSinceMs === undefined) {
      if (nowMs - (calls[0]?.queuedAtMs ?? 0) > patience.connectPatienceMs) {
        rejectAll(items, definiteError(error, 'unavailable'));
        return false;
      }
    } else {
      if (nowMs - inDoubtSinceMs > patience.inDoubtDeadlineMs) {
        rejectAll(items, unknownOutcome(patience.inDoubtDeadlineMs, error));
        return false;
      }
      counters.inDoubtRetries += 1;
      batch.unsure = items;
    }
    await clock.wait(batch.backOffMs);
    batch.backOffMs = Math.min(RECONNECT_MAX_MS, batch.backOffMs * 2);
    return true;
  }

  private isKnown(append: StreamAppend): boolean {
    return (
      append.expectedRevision === NO_STREAM || this.options.known.has(append.stream, append.expectedRevision)
    );
  }

  private async settleBy(items: readonly AppendItem[], run: Parameters<typeof examine>[0]): Promise<void> {
    const findings = await examine(
      run,
      items.map(({ append }) => append),
    );
    const { known, counters } = this.options;
    for (const [n, { call, index, append }] of items.entries()) {
      const finding = findings[n];
      if (finding === undefined) continue;
      if (finding.status === 'free') {
        if (append.expectedRevision !== NO_STREAM) known.learn(append.stream, append.expectedRevision);
      } else {
        if (finding.status === 'conflict') counters.conflicts += 1;
        else counters.repeats += 1;
        call.settle(index, finding);
      }
    }
  }

  private settleCommitted({ items, frame }: Batch, head: bigint): void {
    const { known, counters, onCommitted } = this.options;
    const count = frame.eventCount;
    let position = head - BigInt(count);
    const events: RecordedEvent[] = [];
    for (const { call, index, append } of items) {
      let revision = append.expectedRevision;
      for (const event of append.events) {
        revision += 1n;
        position += 1n;
        events.push(recorded(event, append.stream, revision, position));
      }
      known.learn(append.stream, revision);
      call.settle(index, { status: 'appended', revision, position });
    }
    counters.batches += 1;
    counters.events += count;
    // The callers go on in a later microtask: by then readers find the events.
    onCommitted(events, frame.octets / count);
  }

  private async commitAlone(calls: readonly AppendCall[], frame: AppendFrame): Promise<void> {
    for (const call of calls) {
      const items: AppendItem[] = [];
      call.openItems(items);
      if (items.length === 0) continue;
      fill(frame, items);
      await this.commit([call], frame);
    }
  }
}

function fill(frame: AppendFrame, items: readonly AppendItem[]): void {
  frame.clear();
  frame.add(items.map(({ append }) => append));
}

function rejectAll(items: readonly AppendItem[], error: Error): void {
  for (const { call } of items) call.reject(error);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function unknownOutcome(deadlineMs: number, cause: unknown): AppendOutcomeUnknownError {
  return new AppendOutcomeUnknownError(
    `append still in doubt after ${String(deadlineMs / 1000)} s (${reason(cause)}): retry with the same event ids and revisions`,
    { cause },
  );
}

/** Only class 22 and 54 (data, limits) are the caller's fault; the rest is the store's. */
function definiteError(cause: unknown, verdict: Verdict): Error {
  const state = sqlState(cause);
  if (verdict === 'refused' && (state?.startsWith('22') === true || state?.startsWith('54') === true)) {
    return new InvalidAppendError(`PostgreSQL refused the append: ${reason(cause)}`, { cause });
  }
  return new JournalUnavailableError(`nothing was written: ${reason(cause)}`, { cause });
}
