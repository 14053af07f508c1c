// deliver_sm → receipt → the message it belongs to → deliver_sm_resp. The response ESME_ROK
// leaves only after what came is durable: recorded with its message, or parked. While the store
// is away the answer is ESME_RSYSERR, or ESME_RMSGQFUL where the connector says so: either makes an
// SMSC try again (ESME_RX_T_APPN would be final for some: reference of Vonage's retry codes), so
// nothing is lost either way.
import type { Logger } from 'pino';
import type {
  PartOwner,
  ReceiptMatchingQueries,
} from '../../projections/receipt-matching/receipt-matching.queries.js';
import type { Clock } from '../clock/clock.js';
import { uuidOf } from '../clock/ids.js';
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { RecordReceipt } from '../message/message.commands.js';
import type { ReceiptEvidence } from '../message/message.events.js';
import type { ReceiptParked } from '../message/receipt.events.js';
import { recipientTail } from '../message/recipient.js';
import type { IncomingDeliver } from './connector.js';
import type { InboundListener } from './inbound/inbound-listener.js';
import { STATUS, type TryLater } from './pdu/command-status.js';
import { type DeliveryReceipt, readDeliveryReceipt } from './pdu/delivery-receipt.js';
import type { ReceiptDialect } from './pdu/receipt-options.js';
import type { ReceiptLedger } from './receipt-ledger.js';
import type { RecentParts } from './recent-parts.js';
import type { WaitingReceipts } from './waiting-receipts.js';

/** Where the receipts come from, and how they are written there. */
export interface ReceiptSource {
  readonly connector: string;
  /** The connectors any of which may have submitted what a receipt is about. */
  readonly group: string;
  readonly dialect: ReceiptDialect;
  /** Answers what cannot be stored now; absent: ESME_RSYSERR. */
  readonly tryLaterWith?: TryLater | undefined;
}

interface Incoming extends ReceiptParked {
  readonly deliver: IncomingDeliver;
}

export interface ReceiptCounts {
  received: number;
  recorded: number;
  parked: number;
  refused: number;
  /** Milliseconds from the deliver_sm of the last batch to its deliver_sm_resp. */
  lastCommitMs: number;
}

/**
 * Lists of receipts looked up and recorded at once. What comes meanwhile waits and goes as one list:
 * the fuller the machine, the longer the lists and the less each receipt costs. Without a bound,
 * an SMSC that knows no window (SMPPSim) takes every connection to the store. A guess: one is
 * looked up, one decided, one committed, one answered.
 */
const MAX_LISTS_UNDER_WAY = 4;

/** Receipts in one list; more make the first of them wait for the last. */
const MAX_LIST = 2_000;

export class ReceiptListener {
  readonly counts: ReceiptCounts = { received: 0, recorded: 0, parked: 0, refused: 0, lastCommitMs: 0 };
  private queued: Incoming[] = [];
  private listsUnderWay = 0;
  private underWay = 0;
  /** Ends when the reads before are handed on: one that must be looked up holds back those behind it. */
  private inTurn: Promise<unknown> = Promise.resolve();
  private settled: () => void = () => undefined;

  constructor(
    private readonly from: ReceiptSource,
    private readonly lifecycle: MessageLifecycle,
    private readonly matching: Pick<ReceiptMatchingQueries, 'owners'>,
    private readonly recent: RecentParts,
    private readonly waiting: WaitingReceipts,
    private readonly ledger: ReceiptLedger,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'warn'>,
    private readonly onParked: () => void,
    private readonly inbound: Pick<InboundListener, 'received'>,
  ) {}

  /** Everything one read of the socket brought. Never throws, never rejects. */
  delivered(delivers: readonly IncomingDeliver[]): void {
    const receivedAt = this.clock.isoNow();
    const receipts: Incoming[] = [];
    const others: IncomingDeliver[] = [];
    for (const deliver of delivers) {
      const read = readDeliveryReceipt(deliver.pdu, this.from.dialect);
      if (!read.isReceipt) {
        others.push(deliver);
        continue;
      }
      const { group } = this.from;
      const receipt = this.evidence(read, receivedAt);
      receipts.push({ deliver, group, receipt, personal: { to: read.recipient } });
    }
    this.counts.received += receipts.length;
    this.queued.push(...receipts);
    this.recordQueued();
    if (others.length > 0) this.run(others, () => this.recordOthers(others));
  }

  private recordQueued(): void {
    while (this.queued.length > 0 && this.listsUnderWay < MAX_LISTS_UNDER_WAY) {
      const list = this.queued.splice(0, MAX_LIST);
      this.listsUnderWay++;
      this.run(
        list.map(({ deliver }) => deliver),
        () => this.recordReceipts(list),
        () => {
          this.listsUnderWay--;
          this.recordQueued();
        },
      );
    }
  }

  /** Resolves when everything received so far is answered. */
  async flush(): Promise<void> {
    while (this.underWay > 0) {
      await new Promise<void>((resolve) => {
        this.settled = resolve;
      });
    }
  }

  private run(
    delivers: readonly IncomingDeliver[],
    record: () => Promise<void>,
    ended: () => void = () => undefined,
  ): void {
    this.underWay++;
    const startedMs = this.clock.monotonicMs();
    void record()
      .then(
        () => STATUS.ESME_ROK,
        (error: unknown) => {
          this.log.warn(
            { error: String(error), receipts: delivers.length },
            'could not record what the SMSC delivered',
          );
          this.counts.refused += delivers.length;
          return STATUS[this.from.tryLaterWith ?? 'ESME_RSYSERR'];
        },
      )
      .then((commandStatus) => {
        for (const deliver of delivers) deliver.respond(commandStatus);
        this.counts.lastCommitMs = this.clock.monotonicMs() - startedMs;
        this.underWay--;
        ended();
        this.settled();
      });
  }

  private async recordReceipts(incoming: readonly Incoming[]): Promise<void> {
    const turn = Promise.all([this.ownersOf(incoming), this.inTurn]).then(([owners]) => ({
      recorded: this.recordOwned(incoming, owners),
    }));
    this.inTurn = Promise.allSettled([this.inTurn, turn]);
    await (
      await turn
    ).recorded;
  }

  private async recordOwned(
    incoming: readonly Incoming[],
    owners: readonly (PartOwner | undefined)[],
  ): Promise<void> {
    const at = incoming[0]?.receipt.receivedAt ?? this.clock.isoNow();
    const commands: RecordReceipt[] = [];
    const recorded: Incoming[] = [];
    const parked: Incoming[] = [];
    incoming.forEach((item, index) => {
      const owner = owners[index];
      if (owner === undefined || this.waiting.waitsFor(item)) {
        parked.push(item);
        return;
      }
      recorded.push(item);
      commands.push({
        type: 'RecordReceipt',
        ...owner,
        at,
        receipt: item.receipt,
        recipient: item.personal.to,
      });
    });
    const [handled] = await Promise.all([
      commands.length === 0 ? [] : this.lifecycle.handleMany(commands),
      this.park(parked),
    ]);
    // A receipt the message would not take (another phone, or a part that was never sent) is kept all
    // the same: the matcher tries who else had its id.
    const refused = recorded.filter((_, index) => handled[index]?.status === 'refused');
    await this.park(refused);
    this.counts.recorded += recorded.length - refused.length;
  }

  private async ownersOf(incoming: readonly Incoming[]): Promise<readonly (PartOwner | undefined)[]> {
    const { group } = this.from;
    const owners = incoming.map(({ receipt }) => this.recent.ownerOf(group, receipt.smscMessageId));
    const missing = incoming.filter((_, index) => owners[index] === undefined);
    const [first] = missing;
    if (first === undefined) return owners;
    const asked = missing.map(({ receipt, personal }) => ({
      smscMessageId: receipt.smscMessageId,
      recipient: personal.to,
    }));
    const found = (await this.matching.owners(group, first.receipt.receivedAt, asked)).values();
    return owners.map((owner) => owner ?? found.next().value);
  }

  private async park(incoming: readonly Incoming[]): Promise<void> {
    if (incoming.length === 0) return;
    const copies: Promise<void>[] = [];
    const fresh = new Map<string, ReceiptParked>();
    for (const { group, receipt, personal } of incoming) {
      const parked = { group, receipt, personal };
      const copy = this.waiting.copyOf(parked);
      if (copy !== undefined) copies.push(copy);
      else if (!fresh.has(receipt.receiptId)) fresh.set(receipt.receiptId, parked);
    }
    if (fresh.size > 0) {
      const parked = [...fresh.values()];
      const durable = this.ledger.park(parked);
      this.waiting.add(parked, durable);
      copies.push(durable);
    }
    await Promise.all(copies);
    this.counts.parked += fresh.size;
    this.onParked();
  }

  private recordOthers(delivers: readonly IncomingDeliver[]): Promise<void> {
    return this.inbound.received(delivers);
  }

  private evidence(read: DeliveryReceipt & { isReceipt: true }, receivedAt: string): ReceiptEvidence {
    const { connector, group } = this.from;
    const { networkError, doneDate, doneAt, raw } = read;
    // Without an id it can only be parked; without a state we know it proves nothing.
    const smscMessageId = read.smscMessageId ?? '';
    const state = read.state ?? 'unknown';
    // Content alone: the same receipt sent again has the same id, whenever and wherever it comes. The
    // phone is part of it, because an SMSC that starts its ids anew uses one twice within a minute.
    const phone = recipientTail(read.recipient);
    const receiptId = uuidOf([group, smscMessageId, phone, state, networkError, doneDate].join('/'));
    const done = doneAt === null ? { doneDate } : { doneDate, doneAt };
    const of = group === connector ? { connector } : { connector, group };
    return { receiptId, ...of, smscMessageId, state, networkError, ...done, receivedAt, raw };
  }
}
