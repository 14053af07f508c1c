// The requests of one session that await their answer: submit_sm (or data_sm), and what the SMSC is
// asked (ask.ts). Every entry leaves exactly once:
//
// | event                                        | entry ends as | afterwards                       |
// |----------------------------------------------|---------------|----------------------------------|
// | its own response, or generic_nack            | answered      | forgotten                        |
// | response timeout                             | timed-out     | kept aside for a late answer     |
// | link lost, octets were given to the socket   | link-lost     | forgotten                        |
// | link lost, octets were still ours            | not-sent      | forgotten                        |
//
// An entry kept aside holds no slot. A response of another command, or of a number that is neither
// pending nor kept aside, changes nothing: sequence numbers mean something in one session only.
import { COMMAND_ID, MAX_SEQUENCE_NUMBER } from '../pdu/command-id.js';

interface Entry<Tag> {
  readonly tag: Tag;
  readonly dueAtMs: number;
  /** Place in the order of sending, which tells what has been given to the socket. */
  readonly order: number;
  /** command_id of its response. */
  readonly responseId: number;
}

export type Answered<Tag> = { readonly tag: Tag; readonly late: boolean } | null;

/**
 * Late answers are expected within seconds; this many tags are a guess that bounds the memory of a
 * session whose SMSC stops answering. The oldest give way.
 */
const MAX_KEPT_ASIDE = 10_000;

export class SendWindow<Tag> {
  // Maps iterate in the order of insertion: with one timeout for all, the first is the first due.
  private readonly pending = new Map<number, Entry<Tag>>();
  private readonly keptAside = new Map<number, Entry<Tag>>();
  private lastSequence: number;
  private lastOrder = 0;
  private givenToSocket = 0;

  /** @param firstSequence the first sequence number; 1 (SMPP 3.4 §5.1.4), another only in specs */
  constructor(
    private readonly size: number,
    private readonly responseTimeoutMs: number,
    firstSequence = 1,
  ) {
    this.lastSequence = firstSequence - 1;
  }

  get free(): number {
    return this.size - this.pending.size;
  }

  get outstanding(): number {
    return this.pending.size;
  }

  /** When the first pending entry times out; null when none is pending. */
  get dueAtMs(): number | null {
    for (const entry of this.pending.values()) return entry.dueAtMs;
    return null;
  }

  /** The next free sequence number, for any request of the session. */
  nextSequence(): number {
    do {
      this.lastSequence = this.lastSequence >= MAX_SEQUENCE_NUMBER ? 1 : this.lastSequence + 1;
    } while (this.pending.has(this.lastSequence) || this.keptAside.has(this.lastSequence));
    return this.lastSequence;
  }

  add(sequenceNumber: number, tag: Tag, nowMs: number, responseId: number = COMMAND_ID.submit_sm_resp): void {
    this.lastOrder++;
    const dueAtMs = nowMs + this.responseTimeoutMs;
    this.pending.set(sequenceNumber, { tag, dueAtMs, order: this.lastOrder, responseId });
  }

  /** All entries so far have been given to the socket: from now on their fate is the network's. */
  markGivenToSocket(): void {
    this.givenToSocket = this.lastOrder;
  }

  /** Ends the entry that this response answers; null when it answers none. */
  answer(commandId: number, sequenceNumber: number): Answered<Tag> {
    const pending = this.pending.get(sequenceNumber);
    const entry = pending ?? this.keptAside.get(sequenceNumber);
    if (entry === undefined) return null;
    if (entry.responseId !== commandId && commandId !== COMMAND_ID.generic_nack) return null;
    if (pending === undefined) this.keptAside.delete(sequenceNumber);
    else this.pending.delete(sequenceNumber);
    return { tag: entry.tag, late: pending === undefined };
  }

  /** Ends the entries whose time is over. */
  expire(nowMs: number): readonly Tag[] {
    const timedOut: Tag[] = [];
    for (const [sequenceNumber, entry] of this.pending) {
      if (entry.dueAtMs > nowMs) break;
      this.pending.delete(sequenceNumber);
      this.keptAside.set(sequenceNumber, entry);
      timedOut.push(entry.tag);
    }
    for (const oldest of this.keptAside.keys()) {
      if (this.keptAside.size <= MAX_KEPT_ASIDE) break;
      this.keptAside.delete(oldest);
    }
    return timedOut;
  }

  /** The link is gone: ends everything. */
  abandon(): { readonly linkLost: readonly Tag[]; readonly notSent: readonly Tag[] } {
    const linkLost: Tag[] = [];
    const notSent: Tag[] = [];
    for (const entry of this.pending.values()) {
      (entry.order <= this.givenToSocket ? linkLost : notSent).push(entry.tag);
    }
    this.pending.clear();
    this.keptAside.clear();
    return { linkLost, notSent };
  }
}
