// The receiving side of a connector over a journal in memory: what an SMSC delivers goes in, and
// what it is answered comes out, in the order in which things happened.
import type { AskedReceipt, PartOwner } from '../../projections/receipt-matching/receipt-matching.queries.js';
import { SeededRandomness, VirtualClock } from '../../src/clock/virtual-clock.js';
import { MemoryJournal } from '../../src/journal/memory/memory-journal.js';
import type { RecordedEvent } from '../../src/journal/journal.js';
import { JournaledLifecycle } from '../../src/lifecycle/journaled-lifecycle.js';
import { messageStream } from '../../src/lifecycle/message-stream.js';
import type { MessageCommand } from '../../src/message/message.commands.js';
import type { IncomingDeliver } from '../../src/smpp/connector.js';
import { conversationIdOf, Conversations } from '../../src/smpp/inbound/conversations.js';
import { InboundListener } from '../../src/smpp/inbound/inbound-listener.js';
import { conversationStream } from '../../src/message/inbound.events.js';
import { encodePdu } from '../../src/smpp/link.js';
import type { TryLater } from '../../src/smpp/pdu/command-status.js';
import { DeliverSm, readDeliverSm } from '../../src/smpp/pdu/deliver-sm.js';
import { receiptDialect, type ReceiptOptions } from '../../src/smpp/pdu/receipt-options.js';
import { ReceiptLedger } from '../../src/smpp/receipt-ledger.js';
import { ReceiptListener } from '../../src/smpp/receipt-listener.js';
import { RecentParts } from '../../src/smpp/recent-parts.js';
import { WaitingReceipts } from '../../src/smpp/waiting-receipts.js';
import { GatedJournal } from './gated-journal.js';
import { at } from './message-builders.js';
import { messageIdOf } from './voice-messages.js';

export const CONNECTOR = 'main';
const RECEIPT_ESM_CLASS = 0x04;

/** The fields of a deliver_sm as SMPP names them. */
export function deliverSm(fields: Readonly<Record<string, unknown>>): DeliverSm {
  const octets = encodePdu('deliver_sm', 1, {
    source_addr: '27831234567',
    destination_addr: 'SureReach',
    ...fields,
  });
  const pdu = readDeliverSm(octets, 0, octets.length);
  if (!(pdu instanceof DeliverSm)) throw new Error('not a deliver_sm');
  return pdu;
}

export function receiptText(id: string, stat = 'DELIVRD'): string {
  return `id:${id} sub:001 dlvrd:001 submit date:2601010800 done date:2601010805 stat:${stat} err:000`;
}

export function receiptSm(
  id: string,
  stat?: string,
  fields: Readonly<Record<string, unknown>> = {},
): DeliverSm {
  const short_message = Buffer.from(receiptText(id, stat), 'latin1');
  return deliverSm({ esm_class: RECEIPT_ESM_CLASS, short_message, ...fields });
}

/** Of the messages that deliverSm makes. */
export const CONVERSATION = conversationStream(
  conversationIdOf({ ours: 'SureReach', theirs: '+27831234567' }),
);

export class ReceiptRoom {
  readonly clock = new VirtualClock(Date.parse(at(300)));
  private readonly randomness = new SeededRandomness(1);
  readonly journal = new GatedJournal(new MemoryJournal());
  readonly lifecycle = new JournaledLifecycle(this.journal, this.clock, this.randomness);
  readonly ledger = new ReceiptLedger(this.journal, CONNECTOR, this.clock, this.randomness);
  readonly recent = new RecentParts();
  readonly waiting = new WaitingReceipts();
  /** What the read model knows: group and id → owner. */
  readonly owners = new Map<string, PartOwner>();
  readonly lookUps: (readonly AskedReceipt[])[] = [];
  lookUpFailure: Error | null = null;
  parkedCalls = 0;
  private held: Promise<void> = Promise.resolve();
  /** command_status of every answer, in order, with the name given to its deliver_sm. */
  readonly answers: string[] = [];
  private readonly inbound = new InboundListener(
    new Conversations(
      this.journal,
      { lastSent: (pairs) => Promise.resolve(pairs.map(() => null)) },
      this.clock,
      this.randomness,
    ),
    {
      connector: CONNECTOR,
      group: CONNECTOR,
      defaultAlphabet: 'gsm',
      country: null,
      partsTimeoutSeconds: 3600,
      repeatSeconds: 600,
    },
    this.clock,
    this.randomness,
  );
  readonly listener = this.listenerOf(CONNECTOR);

  listenerOf(
    connector: string,
    group = connector,
    options: ReceiptOptions = {},
    tryLaterWith?: TryLater,
  ): ReceiptListener {
    return new ReceiptListener(
      { connector, group, dialect: receiptDialect(options), tryLaterWith },
      this.lifecycle,
      {
        owners: (askedGroup, _receivedAt, asked) => {
          this.lookUps.push(asked);
          if (this.lookUpFailure !== null) return Promise.reject(this.lookUpFailure);
          return this.held.then(() =>
            asked.map(({ smscMessageId }) => this.owners.get(`${askedGroup} ${smscMessageId}`)),
          );
        },
      },
      this.recent,
      this.waiting,
      this.ledger,
      this.clock,
      { warn: () => undefined },
      () => {
        this.parkedCalls += 1;
      },
      this.inbound,
    );
  }

  /** Look-ups are answered only when the function returned is called. */
  holdLookUps(): () => void {
    let answer: () => void = () => undefined;
    this.held = new Promise((resolve) => {
      answer = resolve;
    });
    return answer;
  }

  async given(...commands: readonly MessageCommand[]): Promise<void> {
    await this.lifecycle.handleMany(commands);
  }

  incoming(name: string, pdu: DeliverSm): IncomingDeliver {
    return {
      pdu,
      respond: (commandStatus) => {
        this.answers.push(`${name} ${String(commandStatus)}`);
      },
    };
  }

  /** Delivers `pdus` in one read, and waits for every answer. */
  async deliver(...pdus: readonly DeliverSm[]): Promise<void> {
    this.listener.delivered(pdus.map((pdu, index) => this.incoming(String(index + 1), pdu)));
    await this.listener.flush();
  }

  eventsOf(number: number): Promise<readonly RecordedEvent[]> {
    return this.journal.readStream(messageStream(messageIdOf(number)));
  }

  async typesOf(number: number): Promise<readonly string[]> {
    return (await this.eventsOf(number)).map(({ type }) => type);
  }

  async dataIn(stream: string): Promise<readonly object[]> {
    return (await this.journal.readStream(stream)).map(({ type, data }) => ({ type, ...data }));
  }
}
