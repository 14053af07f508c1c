// Which message a gateway's session belongs to. Reports carry only the session id, and may
// overtake the answer that told us of it: then the asker waits for that answer.
import { LRUCache } from 'lru-cache';
import type { Cancel, Clock } from '../clock/clock.js';
import { CallDirectoryUnavailableError } from './voice.errors.js';

/** One call of one message. */
export interface CallRef {
  readonly messageId: string;
  /** 1 for the first call. */
  readonly attempt: number;
}

export abstract class CallDirectory {
  /**
   * The call of a session; undefined when nobody has told of it within the waiting time.
   * @throws CallDirectoryUnavailableError when that cannot be known now: retry later.
   */
  abstract find(sessionId: string): Promise<CallRef | undefined>;

  /** Tells of a session as soon as the gateway has named it; wakes those who wait for it. */
  abstract register(sessionId: string, messageId: string, attempt: number): void;
}

/** Asks the read model; it may lag behind, which is why the directory remembers and waits. */
export type StoredCallLookup = (sessionId: string) => Promise<CallRef | undefined>;

export interface CallDirectorySettings {
  /** Sessions remembered; older ones are asked of the read model. */
  readonly recentCalls: number;
  /** How long a report may wait for its session to become known. */
  readonly waitMs: number;
  /** How often the read model is asked while a report waits: another process may hold the call. */
  readonly recheckMs: number;
  /** Sessions that may be waited for at once; beyond that unknown ones are given up at once. */
  readonly maxWaiting: number;
}

// Guesses but for waitMs: gateways give a callback about 5 s, so 3 s leaves time for the answer.
export const CALL_DIRECTORY_DEFAULTS: CallDirectorySettings = {
  recentCalls: 100_000,
  waitMs: 3_000,
  recheckMs: 250,
  maxWaiting: 1_000,
};

interface Waiting {
  readonly found: Promise<CallRef | undefined>;
  readonly settle: (call: CallRef) => void;
}

export class RecentCallDirectory extends CallDirectory {
  private readonly recent: LRUCache<string, CallRef>;
  private readonly waiting = new Map<string, Waiting>();

  constructor(
    private readonly lookup: StoredCallLookup,
    private readonly clock: Clock,
    private readonly settings: CallDirectorySettings = CALL_DIRECTORY_DEFAULTS,
  ) {
    super();
    this.recent = new LRUCache({ max: settings.recentCalls });
  }

  override register(sessionId: string, messageId: string, attempt: number): void {
    const call = { messageId, attempt };
    this.recent.set(sessionId, call);
    this.waiting.get(sessionId)?.settle(call);
  }

  override async find(sessionId: string): Promise<CallRef | undefined> {
    const known = this.recent.get(sessionId) ?? (await this.askStored(sessionId));
    // The session may have been registered while the read model was asked.
    const call = known ?? this.recent.get(sessionId);
    if (call !== undefined) {
      this.recent.set(sessionId, call);
      return call;
    }
    const already = this.waiting.get(sessionId);
    if (already !== undefined) return already.found;
    if (this.waiting.size >= this.settings.maxWaiting) return undefined;
    return this.waitFor(sessionId).found;
  }

  private waitFor(sessionId: string): Waiting {
    const deadlineAtMs = this.clock.monotonicMs() + this.settings.waitMs;
    let cancel: Cancel = () => undefined;
    let over = false;
    let resolve: (call: CallRef | undefined) => void = () => undefined;
    let reject: (error: unknown) => void = () => undefined;
    const found = new Promise<CallRef | undefined>((resolveFound, rejectFound) => {
      resolve = resolveFound;
      reject = rejectFound;
    });
    const end = (): void => {
      over = true;
      cancel();
      this.waiting.delete(sessionId);
    };
    const settle = (call: CallRef | undefined): void => {
      if (over) return;
      end();
      if (call !== undefined) this.recent.set(sessionId, call);
      resolve(call);
    };
    const askAgain = async (): Promise<void> => {
      const last = this.clock.monotonicMs() >= deadlineAtMs;
      try {
        const call = await this.askStored(sessionId);
        if (call !== undefined || last) settle(call);
        else if (!over) arm();
      } catch (error) {
        // An outage shorter than the waiting time is nobody's concern.
        if (over) return;
        if (!last) {
          arm();
          return;
        }
        end();
        reject(error);
      }
    };
    const arm = (): void => {
      const leftMs = Math.max(0, deadlineAtMs - this.clock.monotonicMs());
      cancel = this.clock.after(Math.min(this.settings.recheckMs, leftMs), () => void askAgain());
    };
    const waiting = { found, settle };
    this.waiting.set(sessionId, waiting);
    arm();
    return waiting;
  }

  private async askStored(sessionId: string): Promise<CallRef | undefined> {
    try {
      return await this.lookup(sessionId);
    } catch (error) {
      throw new CallDirectoryUnavailableError(
        `session ${sessionId}: the read model of calls cannot be asked; report again later`,
        { cause: error },
      );
    }
  }
}
