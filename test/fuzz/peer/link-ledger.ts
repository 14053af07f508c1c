// What the two sides of one link have said, seen from outside: what the reader owes the peer by
// SMPP 3.4, and what it wrote. It finds answers to nothing, answers given twice and nacks of nacks.
import { BrokenInvariant, must } from '../target.js';
import { cutStream, headerOf, type Header, ID, RESPONSE } from './octets.js';

/** Requests of an SMSC that have no response (§4.12, §4.1.7). */
export const ESME_IGNORES: ReadonlySet<number> = new Set([ID.alert_notification, ID.outbind]);
/** Requests answered by the response of their own command; every other gets a generic_nack. */
export const ESME_ANSWERS: ReadonlySet<number> = new Set([
  ID.enquire_link,
  ID.unbind,
  ID.deliver_sm,
  ID.data_sm,
]);
const OWN_REQUESTS: ReadonlySet<number> = new Set([
  ID.bind_receiver,
  ID.bind_transmitter,
  ID.bind_transceiver,
  ID.submit_sm,
  ID.data_sm,
  ID.query_sm,
  ID.cancel_sm,
  ID.replace_sm,
  ID.enquire_link,
  ID.unbind,
]);

export class LinkLedger {
  /** Requests of the reader's side, by command, in the order they came. */
  readonly asked = new Map<number, number[]>();
  private stream = Buffer.alloc(0);
  private written = Buffer.alloc(0);
  private readonly owed = new Map<string, number>();
  private lastSequence = 0;
  private fault: 'none' | 'owed' | 'told' = 'none';
  private brokenAt: number | null = null;
  pdusRead = 0;

  constructor(
    private readonly answers: ReadonlySet<number>,
    private readonly maxPduOctets: number,
    private readonly ignores: ReadonlySet<number> = new Set(),
  ) {}

  /** The peer's stream is whole PDUs so far. */
  get isAligned(): boolean {
    return this.stream.length === 0 && this.brokenAt === null;
  }

  /** command_length that broke the stream. */
  get badLength(): number | null {
    return this.brokenAt;
  }

  /** Octets of the PDU that has begun. */
  get restOctets(): number {
    return this.stream.length;
  }

  /** The peer has sent this. */
  heard(chunk: Buffer): void {
    if (this.brokenAt !== null) return;
    const { pdus, badLength, rest } = cutStream(Buffer.concat([this.stream, chunk]), this.maxPduOctets);
    for (const pdu of pdus) this.owe(headerOf(pdu));
    this.pdusRead += pdus.length;
    this.stream = Buffer.from(rest);
    if (badLength === null) return;
    this.brokenAt = badLength;
    this.fault = 'owed';
  }

  /** The reader's side has written this. */
  wrote(octets: Buffer): void {
    const { pdus, badLength, rest } = cutStream(Buffer.concat([this.written, octets]), 2048);
    must(badLength === null, () => `wrote a PDU of ${String(badLength)} octets`);
    must(rest.length === 0, () => `wrote half a PDU: ${rest.toString('hex')}`);
    for (const pdu of pdus) this.judge(headerOf(pdu), pdu);
  }

  /** Answers that are still owed, in words. */
  get open(): readonly string[] {
    return [...this.owed].flatMap(([key, count]) => (count > 0 ? [`${key} × ${String(count)}`] : []));
  }

  private owe({ id, sequence }: Header): void {
    if (id >= RESPONSE || this.ignores.has(id)) return;
    const key = keyOf(this.answers.has(id) ? id + RESPONSE : ID.generic_nack, sequence);
    this.owed.set(key, (this.owed.get(key) ?? 0) + 1);
  }

  private judge(header: Header, pdu: Buffer): void {
    if (header.id < RESPONSE) {
      this.ask(header);
      return;
    }
    const key = keyOf(header.id, header.sequence);
    const owed = this.owed.get(key) ?? 0;
    if (owed > 0) {
      this.owed.set(key, owed - 1);
      return;
    }
    const isFaultNack = header.id === ID.generic_nack && header.sequence === 0 && header.status === 2;
    if (!isFaultNack || this.fault !== 'owed') {
      throw new BrokenInvariant(`answered what nobody asked, or twice: ${pdu.toString('hex')}`);
    }
    this.fault = 'told';
  }

  private ask({ id, sequence }: Header): void {
    must(OWN_REQUESTS.has(id) || id === ID.deliver_sm, () => `asked with command_id ${String(id)}`);
    must(
      sequence > this.lastSequence,
      () => `sequence_number ${sequence} after ${String(this.lastSequence)}`,
    );
    this.lastSequence = sequence;
    const before = this.asked.get(id);
    if (before === undefined) this.asked.set(id, [sequence]);
    else before.push(sequence);
  }
}

function keyOf(id: number, sequence: number): string {
  return `${id.toString(16)}/${String(sequence)}`;
}
