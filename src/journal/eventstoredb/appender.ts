// Appends to single streams: one call each, many at once, those of one stream in the order in which
// they were asked for. An append whose outcome is unknown is sent again with the same event ids at
// the same revision: the server then answers as it did, or would have done, the first time.
//
// | try      | answer                           | next                                          |
// |----------|----------------------------------|-----------------------------------------------|
// | any      | appended, conflict               | that is the outcome                           |
// | any      | deleted, too large               | InvalidAppendError                            |
// | any      | not leader, never sent, denied   | pause, try again until patience ends          |
// | any      | no answer, link lost, other      | in doubt; pause, try again until patience ends|
// | the last | never in doubt / once in doubt   | JournalUnavailableError / outcome unknown     |
import {
  type EventStoreDBClient,
  NO_STREAM as NEW_STREAM,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import type { Clock } from '../../clock/clock.js';
import {
  AppendOutcomeUnknownError,
  InvalidAppendError,
  JournalUnavailableError,
  WrongExpectedRevisionError,
} from '../journal.errors.js';
import { type AppendOutcome, NO_STREAM, type StreamAppend } from '../journal.js';
import { Slots } from './slots.js';
import { within } from './store-client.js';
import { appendFailureOf, messageOf } from './store-errors.js';
import { toWire } from './wire-events.js';

export interface AppendTuning {
  /** For one try. The server itself gives up a write after 2 s. */
  readonly tryTimeoutMs: number;
  /** After it no new try begins. */
  readonly patienceMs: number;
  /** Calls under way at once. Servers take 100 streams on one connection unless told otherwise. */
  readonly inFlight: number;
}

// Guesses, but for inFlight: long enough for the election of a leader, which takes some seconds.
export const APPEND_TUNING: AppendTuning = { tryTimeoutMs: 4_000, patienceMs: 12_000, inFlight: 100 };

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
// The call has a deadline of its own; ours is for what comes before it, as the search for a leader.
const GRACE_MS = 250;

export class Appender {
  private readonly slots: Slots;
  /** The end of the last append of every stream that has any under way. */
  private readonly tails = new Map<string, Promise<unknown>>();

  constructor(
    private readonly client: EventStoreDBClient,
    private readonly prefix: string,
    private readonly clock: Clock,
    private readonly tuning: AppendTuning,
    private readonly positionAt: (stream: string, revision: bigint) => Promise<bigint>,
  ) {
    this.slots = new Slots(tuning.inFlight);
  }

  /** @throws JournalUnavailableError, AppendOutcomeUnknownError, InvalidAppendError */
  append(append: StreamAppend): Promise<AppendOutcome> {
    const before = this.tails.get(append.stream);
    const run = (): Promise<AppendOutcome> => this.slots.run(() => this.settle(append));
    const outcome = before === undefined ? run() : before.then(run);
    const tail: Promise<unknown> = outcome
      .catch(() => undefined)
      .then(() => {
        if (this.tails.get(append.stream) === tail) this.tails.delete(append.stream);
      });
    this.tails.set(append.stream, tail);
    return outcome;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.tails.size > 0) await Promise.all(this.tails.values());
  }

  private async settle(append: StreamAppend): Promise<AppendOutcome> {
    const end = this.clock.monotonicMs() + this.tuning.patienceMs;
    let inDoubt = false;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await this.tryOnce(append);
      } catch (cause) {
        const failure = appendFailureOf(cause);
        const problem = `append to stream ${append.stream}: ${messageOf(cause)}`;
        if (failure === 'invalid') throw new InvalidAppendError(problem, { cause });
        inDoubt ||= failure === 'in-doubt';
        if (this.clock.monotonicMs() + pauseMs >= end) {
          throw inDoubt
            ? new AppendOutcomeUnknownError(problem, { cause })
            : new JournalUnavailableError(problem, { cause });
        }
        await this.clock.wait(pauseMs);
      }
    }
  }

  private async tryOnce({ stream, expectedRevision, events }: StreamAppend): Promise<AppendOutcome> {
    const call = this.client.appendToStream(this.prefix + stream, events.map(toWire), {
      expectedRevision: expectedRevision === NO_STREAM ? NEW_STREAM : expectedRevision,
      requiresLeader: true,
      deadline: this.tuning.tryTimeoutMs,
    });
    try {
      const { position } = await within(this.clock, this.tuning.tryTimeoutMs + GRACE_MS, 'the append', call);
      // Not what the server says: it tells where the stream stands now, also to a retry.
      const revision = expectedRevision + BigInt(events.length);
      return {
        status: 'appended',
        revision,
        position: position?.commit ?? (await this.positionAt(stream, revision)),
      };
    } catch (error) {
      if (!(error instanceof WrongExpectedVersionError)) throw error;
      const { actualVersion } = error;
      const actual = typeof actualVersion === 'bigint' ? actualVersion : NO_STREAM;
      return { status: 'conflict', error: new WrongExpectedRevisionError(stream, expectedRevision, actual) };
    }
  }
}
