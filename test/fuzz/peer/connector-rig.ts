// A connector between two models: of the SMSC, which says what a scenario tells it to, and of the
// service, which answers deliveries as the scenario wills. Virtual time, sockets in memory. After
// every step it looks whether an invariant broke.
import { SeededRandomness, VirtualClock } from '../../../src/clock/virtual-clock.js';
import { Connector, type IncomingDeliver } from '../../../src/smpp/connector.js';
import type { ConnectorOptions } from '../../../src/smpp/connector.options.js';
import type { AskRequest } from '../../../src/smpp/session/ask.js';
import type { SubmitWith } from '../../../src/smpp/session/session-options.js';
import type { Wire } from '../../../src/smpp/session/wire.js';
import { submitSm } from '../../support/connector-recorder.js';
import { Findings, must } from '../target.js';
import { ESME_ANSWERS, ESME_IGNORES, LinkLedger } from './link-ledger.js';
import { LogWatch } from './log-watch.js';
import { MemoryWire, ticked } from './memory-wire.js';
import { cString, ID, pduOf, RESPONSE } from './octets.js';
import { cook, type SequenceRef } from './pdus.js';
import { inChunks, mutate, type Piece } from './streams.js';

export type Answering = 'at-once' | 'later' | 'throws';

export interface RigOptions {
  readonly bind: 'transceiver' | 'split';
  readonly windowSize: number;
  readonly submitsPerSecond: number | null;
  readonly maxPduOctets: number;
  readonly inactivityTimeoutMs: number;
  readonly maxUnansweredDelivers: number;
  readonly answering: Answering;
  /** Whether the SMSC lets every bind in by itself. */
  readonly binds: boolean;
  readonly submitWith: SubmitWith;
}

const SUBMITS: readonly number[] = [ID.submit_sm, ID.data_sm];
const ASKS: readonly number[] = [ID.query_sm, ID.cancel_sm, ID.replace_sm];
const BINDS = [ID.bind_transceiver, ID.bind_transmitter, ID.bind_receiver];

class Link {
  readonly wire = new MemoryWire();
  readonly ledger: LinkLedger;
  /** Requests of ours that the model of the SMSC has answered or let pass. */
  seen = new Map<number, number>();
  connected = false;

  constructor(maxPduOctets: number) {
    this.ledger = new LinkLedger(ESME_ANSWERS, maxPduOctets, ESME_IGNORES);
  }

  asked(id: number): readonly number[] {
    return this.ledger.asked.get(id) ?? [];
  }

  /** Those of a command that have come since the last look. */
  fresh(id: number): readonly number[] {
    const all = this.asked(id);
    const from = this.seen.get(id) ?? 0;
    this.seen.set(id, all.length);
    return all.slice(from);
  }
}

export class ConnectorRig {
  readonly clock = new VirtualClock();
  private readonly findings = new Findings();
  readonly log = new LogWatch(this.findings);
  readonly links: Link[] = [];
  readonly connector: Connector<number>;
  readonly pending: IncomingDeliver[] = [];
  private readonly ends = new Map<number, string>();
  private submitted = 0;
  asksWithoutEnd = 0;

  constructor(readonly options: RigOptions) {
    this.connector = new Connector<number>(
      connectorOptions(options),
      this.clock,
      new SeededRandomness(1),
      this.log.sink,
      {
        submitsEnded: (ends) => {
          for (const { tag, end } of ends) this.ended(tag, end.end);
        },
        submitAnsweredLate: (answers) => {
          for (const { tag } of answers) {
            this.findings.unless(
              this.ends.get(tag) === 'timed-out',
              () => `a late answer to what ended as ${String(this.ends.get(tag))}`,
            );
          }
        },
        delivered: (delivers) => {
          this.delivered(delivers);
        },
        capacityChanged: () => undefined,
        stateChanged: () => undefined,
      },
      () => {
        const link = new Link(options.maxPduOctets);
        this.links.push(link);
        return { wire: link.wire as unknown as Wire, readyEvent: 'connect' };
      },
    );
    this.connector.start();
  }

  /** The newest link that is still up; the newest of all when none is. */
  get link(): Link {
    const link = this.links.findLast(({ wire }) => !wire.isGone()) ?? this.links.at(-1);
    must(link !== undefined, () => 'nothing was dialled');
    return link;
  }

  /** Connects what was dialled and, when the SMSC is in the mood, lets it bind. */
  async settle(): Promise<void> {
    for (const link of this.links) {
      if (!link.connected && !link.wire.isGone()) {
        link.connected = true;
        link.wire.emit('connect');
      }
    }
    await this.look();
    if (!this.options.binds) return;
    await this.letBind();
  }

  async letBind(): Promise<void> {
    for (const link of this.links) {
      for (const id of BINDS) {
        for (const sequence of link.fresh(id))
          this.say(link, pduOf(RESPONSE + id, 0, sequence, cString('SMSC')));
      }
    }
    await this.look();
  }

  async peerSays(pieces: readonly Piece[], sizes: readonly number[]): Promise<void> {
    const { link } = this;
    if (!link.connected || link.wire.destroyed) return;
    const stream = Buffer.concat(
      pieces.map((piece) =>
        'octets' in piece
          ? piece.octets
          : mutate(cook(piece.pdu, this.resolve(link, piece.pdu.sequence)), piece.mutations),
      ),
    );
    for (const chunk of inChunks(stream, sizes)) this.say(link, chunk);
    await this.look();
  }

  say(link: Link, octets: Buffer): void {
    if (link.wire.destroyed) return;
    link.ledger.heard(octets);
    link.wire.arrives(octets);
  }

  async submit(count: number): Promise<void> {
    const items = Array.from({ length: count }, () => {
      this.submitted++;
      return { pdu: submitSm(`m${String(this.submitted)}`).pdu, tag: this.submitted };
    });
    this.connector.submit(items);
    await this.look();
  }

  async ask(command: AskRequest['command']): Promise<void> {
    this.asksWithoutEnd++;
    void this.connector.ask(requestOf(command)).then(() => {
      this.asksWithoutEnd--;
    });
    await this.look();
  }

  /** The SMSC answers the submits it has not answered, enquiries and unbinds too. */
  async peerAnswers(): Promise<void> {
    for (const link of this.links) {
      if (link.wire.destroyed || !link.ledger.isAligned) continue;
      for (const id of [...SUBMITS, ...ASKS, ID.enquire_link, ID.unbind]) {
        for (const sequence of link.fresh(id)) {
          this.say(
            link,
            pduOf(
              RESPONSE + id,
              0,
              sequence,
              SUBMITS.includes(id) ? cString(`id-${sequence}`) : Buffer.alloc(0),
            ),
          );
        }
      }
    }
    await this.look();
  }

  async answerDelivers(count: number, status: number): Promise<void> {
    for (const deliver of this.pending.splice(0, count)) deliver.respond(status);
    await this.look();
  }

  /** The service answers everything, also what waits in the network because nobody read it. */
  async catchUp(): Promise<void> {
    do {
      await this.answerDelivers(Infinity, 0);
      await this.wait(300);
    } while (this.pending.length > 0 || this.links.some(({ wire }) => wire.hasUnread()));
  }

  async wait(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.look();
  }

  /** Reads what was written, and holds every link against its ledger. */
  async look(): Promise<void> {
    await ticked();
    await ticked();
    this.findings.throwFirst();
    for (const link of this.links) link.ledger.wrote(link.wire.taken());
    // Beyond twice the bound they are refused.
    const bound = 2 * this.options.maxUnansweredDelivers;
    must(this.pending.length <= bound, () => `${this.pending.length} deliver_sm wait, ${String(bound)} may`);
    const { windowInUse } = this.connector.counters();
    must(
      windowInUse <= this.options.windowSize,
      () => `${String(windowInUse)} submits in a window of ${String(this.options.windowSize)}`,
    );
  }

  get submitsWithoutEnd(): number {
    return this.submitted - this.ends.size;
  }

  endOf(tag: number): string | undefined {
    return this.ends.get(tag);
  }

  get lastTag(): number {
    return this.submitted;
  }

  private ended(tag: number, end: string): void {
    const before = this.ends.get(tag);
    this.findings.unless(
      before === undefined,
      () => `submit ${String(tag)} ended as ${String(before)} and again as ${end}`,
    );
    this.ends.set(tag, end);
  }

  private delivered(delivers: readonly IncomingDeliver[]): void {
    if (this.options.answering === 'throws') throw new Error('the store is away');
    if (this.options.answering === 'later') this.pending.push(...delivers);
    else for (const deliver of delivers) deliver.respond(0);
  }

  private resolve(link: Link, ref: SequenceRef): number {
    switch (ref.of) {
      case 'literal':
        return ref.value;
      case 'submit':
        return [...SUBMITS, ...ASKS].flatMap((id) => link.asked(id)).at(-1 - ref.nth) ?? ref.nth;
      case 'bind':
        return BINDS.flatMap((id) => link.asked(id)).at(-1) ?? 1;
      case 'enquire_link':
      case 'unbind':
        return link.asked(ID[ref.of]).at(-1) ?? 0;
    }
  }
}

function requestOf(command: AskRequest['command']): AskRequest {
  const source = { ton: 5, npi: 0, address: 'SureReach' };
  const about = { smscMessageId: 'id-1', source };
  if (command === 'query_sm') return { command, ...about };
  if (command === 'cancel_sm') return { command, ...about, destination: source };
  return { command, ...about, registeredDelivery: 1, shortMessage: Buffer.from('new') };
}

const ENQUIRE_LINK_MS = 30_000;
const RESPONSE_TIMEOUT_MS = 10_000;

function connectorOptions(options: RigOptions): ConnectorOptions {
  return {
    name: 'main',
    hosts: [{ host: 'smsc.example.com', port: 2775 }],
    systemId: 'surereach',
    password: 's3cret',
    bind: options.bind,
    tls: false,
    windowSize: options.windowSize,
    submitsPerSecond: options.submitsPerSecond,
    responseTimeoutMs: RESPONSE_TIMEOUT_MS,
    enquireLinkIntervalMs: ENQUIRE_LINK_MS,
    bindTimeoutMs: 5000,
    inactivityTimeoutMs: options.inactivityTimeoutMs,
    interfaceVersion: 0x34,
    maxPduOctets: options.maxPduOctets,
    maxUnansweredDelivers: options.maxUnansweredDelivers,
    partialPduTimeoutMs: 4000,
    submitWith: options.submitWith,
  };
}
