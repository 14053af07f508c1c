// What went over the wire, entry by entry: the simulator's testimony in a test. Off in benches.
// With a file, entries are written before the PDUs they tell of leave, so that they outlive a
// kill -9 of the simulator.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import type { Clock } from '../../../clock/clock.js';
import { OptionInvalidError, WaitEndedError } from '../smsc-simulator.errors.js';

export type LedgerEntry =
  | {
      readonly kind: 'submit';
      readonly command: 'submit_sm' | 'data_sm';
      readonly session: number;
      readonly systemId: string;
      readonly sequenceNumber: number;
      readonly source: string;
      readonly destination: string;
      /** Header and text in hexadecimal, of message_payload when that carried them. */
      readonly shortMessage: string;
      readonly esmClass: number;
      readonly dataCoding: number;
      readonly registeredDelivery: number;
      readonly status: string;
      /** null: not accepted. */
      readonly messageId: string | null;
      readonly response: 'sent' | 'delayed' | 'never';
      /** Whether the same destination, header and text had been accepted before. */
      readonly duplicate: boolean;
    }
  | {
      readonly kind: 'delivery-sent' | 'delivery-answered';
      readonly session: number;
      readonly sequenceNumber: number;
      /** 1 for the first try. */
      readonly attempt: number;
      /** As the receipt says it; null: not a receipt. */
      readonly messageId: string | null;
      readonly stat: string | null;
      /** Of the deliver_sm_resp; null while there is none. */
      readonly status: string | null;
    }
  | {
      readonly kind: 'bound' | 'closed';
      readonly session: number;
      readonly systemId: string | null;
      readonly mode: string;
    }
  | {
      readonly kind: 'ask';
      readonly session: number;
      readonly command: 'query_sm' | 'cancel_sm' | 'replace_sm';
      readonly sequenceNumber: number;
      /** As asked; empty: NULL; null: unreadable. */
      readonly messageId: string | null;
      /** Ids of the messages it was about. */
      readonly messages: readonly string[];
      readonly status: string;
      /** State of the first afterwards; null when there is none. */
      readonly stat: string | null;
    }
  | {
      /** Swallowed while `silent` was set. */
      readonly kind: 'ignored';
      readonly session: number;
      readonly commandId: number;
      readonly sequenceNumber: number;
    };

export type RecordedEntry = LedgerEntry & {
  /** Counts from 0 without gaps over the simulator's life. */
  readonly index: number;
  /** ISO 8601 UTC. */
  readonly at: string;
};

export interface LedgerOptions {
  /** off: nothing is kept. memory: the newest entries. Otherwise also appended to this file. */
  readonly keep: 'off' | 'memory' | { readonly file: string; readonly fsync: boolean };
  /** Entries kept in memory at most. */
  readonly limit: number;
}

export class Ledger {
  readonly enabled: boolean;
  private readonly entries: RecordedEntry[] = [];
  private readonly limit: number;
  private readonly fsync: boolean;
  private next = 0;
  private file: number | undefined;
  private lines = '';
  private readonly watchers = new Set<(entry: RecordedEntry) => void>();

  constructor(options: LedgerOptions) {
    this.enabled = options.keep !== 'off';
    this.limit = options.limit;
    this.fsync = typeof options.keep === 'object' && options.keep.fsync;
    if (typeof options.keep === 'object') this.file = openForAppend(options.keep.file);
  }

  record(at: string, entry: LedgerEntry): void {
    if (!this.enabled) return;
    const recorded = { index: this.next, at, ...entry };
    // The slot of the oldest entry, once the limit is reached.
    this.entries[this.next % this.limit] = recorded;
    this.next += 1;
    if (this.file !== undefined) this.lines += `${JSON.stringify(recorded)}\n`;
    for (const watch of this.watchers) watch(recorded);
  }

  /** Entries from `since` on as far as they are still kept, oldest first. */
  since(since: number): RecordedEntry[] {
    const oldest = Math.max(since, this.next - this.limit, 0);
    const found: RecordedEntry[] = [];
    for (let index = oldest; index < this.next; index += 1) {
      const entry = this.entries[index % this.limit];
      // Indices before a reset are gone.
      if (entry?.index === index) found.push(entry);
    }
    return found;
  }

  /** The first match from index `since` on, kept or still to come. @throws WaitEndedError */
  first(
    matches: (entry: RecordedEntry) => boolean,
    since: number,
    deadlineMs: number,
    clock: Clock,
  ): Promise<RecordedEntry> {
    const found = this.since(since).find(matches);
    if (found !== undefined) return Promise.resolve(found);
    if (!this.enabled) return Promise.reject(new WaitEndedError('the ledger is off'));
    return new Promise((resolve, reject) => {
      const watch = (entry: RecordedEntry): void => {
        if (entry.index < since || !matches(entry)) return;
        this.watchers.delete(watch);
        cancel();
        resolve(entry);
      };
      const cancel = clock.after(deadlineMs, () => {
        this.watchers.delete(watch);
        reject(new WaitEndedError(`no such entry in the ledger within ${String(deadlineMs)} ms`));
      });
      this.watchers.add(watch);
    });
  }

  /** Writes what the file still lacks. To be called before the octets leave that it tells of. */
  flush(): void {
    if (this.lines === '' || this.file === undefined) return;
    writeSync(this.file, this.lines);
    this.lines = '';
    if (this.fsync) fsyncSync(this.file);
  }

  /** Forgets the entries in memory; indices go on and the file stays. */
  clear(): void {
    this.entries.length = 0;
  }

  close(): void {
    if (this.file === undefined) return;
    this.flush();
    closeSync(this.file);
    this.file = undefined;
  }
}

function openForAppend(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (error) {
    throw new OptionInvalidError(
      'ledger',
      `cannot append to ${path}: name a file in a directory that exists`,
      {
        cause: error,
      },
    );
  }
}
