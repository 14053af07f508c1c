// What the simulator sends as deliver_sm: receipts, and whatever a test asks for.
import type { PlannedReceipt } from '../outcome/submit-planner.js';
import { RECEIPT_STATES } from '../outcome/receipt-state.js';
import type { Settings } from '../outcome/settings.js';
import type { DeliverSm } from '../wire/pdu-writer.js';
import type { Due } from './timer-wheel.js';

/** An accepted message, as much of it as its receipts need. */
export interface AcceptedMessage {
  readonly id: number;
  /** As in the submit_sm_resp. */
  readonly messageId: string;
  readonly sourceTon: number;
  readonly sourceNpi: number;
  readonly source: string;
  readonly destinationTon: number;
  readonly destinationNpi: number;
  readonly destination: string;
  /** The first 20 octets behind the header, as they came; replace_sm changes them. */
  text: string;
  readonly submittedAt: number;
  readonly submittedAtMs: number;
  /** When cancel_sm ended it; null: it did not. */
  deletedAt: number | null;
}

/** Where a delivery waits once it is due. */
export interface Outbox {
  enqueue(delivery: Delivery): void;
}

export abstract class Delivery implements Due {
  dueTick = 0;
  /** Tries so far. */
  attempt = 0;
  /** Of the newest try, monotonic. */
  sentAtMs = 0;

  constructor(private readonly outbox: Outbox) {}

  /** As it stands in the ledger. */
  abstract readonly messageId: string | null;
  abstract readonly stat: string | null;
  /** From submit_sm to acknowledgement; undefined where that says nothing. */
  abstract latencyMs(nowMs: number): number | undefined;
  abstract toDeliverSm(settings: Settings, now: number): DeliverSm;

  due(): void {
    this.outbox.enqueue(this);
  }
}

export class Receipt extends Delivery {
  readonly messageId: string;

  constructor(
    outbox: Outbox,
    private readonly message: AcceptedMessage,
    private readonly planned: PlannedReceipt,
    settings: Settings,
  ) {
    super(outbox);
    this.messageId = planned.messageId ?? receiptId(message, settings);
  }

  get stat(): string {
    return this.planned.stat;
  }

  /** What was planned of a message is not said of one that was cancelled meanwhile. */
  override due(): void {
    if (this.message.deletedAt === null || this.planned.stat === 'DELETED') super.due();
  }

  latencyMs(nowMs: number): number | undefined {
    return this.planned.settles ? nowMs - this.message.submittedAtMs : undefined;
  }

  toDeliverSm(settings: Settings, now: number): DeliverSm {
    const { message, planned } = this;
    const state = RECEIPT_STATES[planned.stat];
    const delivered = planned.stat === 'DELIVRD' ? '001' : '000';
    const text =
      `id:${this.messageId} sub:001 dlvrd:${delivered} submit date:${compactDate(message.submittedAt)} ` +
      `done date:${compactDate(now)} stat:${planned.stat} err:${planned.err ?? state.err} text:${message.text}`;
    const { networkError } = state;
    return {
      // A receipt goes back the way the message came (SMPP 3.4 §4.6.1).
      sourceTon: message.destinationTon,
      sourceNpi: message.destinationNpi,
      source: message.destination,
      destinationTon: message.sourceTon,
      destinationNpi: message.sourceNpi,
      destination: message.source,
      esmClass: state.esmClass,
      dataCoding: 0,
      shortMessage: text,
      ...(settings.receiptTlvs
        ? {
            receipted: {
              messageId: this.messageId,
              state: state.messageState,
              ...(networkError === undefined ? {} : { networkError }),
            },
          }
        : {}),
    };
  }
}

/** A deliver_sm made up by a test: an MO message, or a receipt nobody expects. */
export class MadeUpDelivery extends Delivery {
  readonly messageId = null;
  readonly stat = null;

  constructor(
    outbox: Outbox,
    private readonly deliver: DeliverSm,
  ) {
    super(outbox);
  }

  latencyMs(): undefined {
    return undefined;
  }

  toDeliverSm(): DeliverSm {
    return this.deliver;
  }
}

function receiptId(message: AcceptedMessage, { receiptIdFormat, receiptIdDigits }: Settings): string {
  const id =
    receiptIdFormat === 'same'
      ? message.messageId
      : message.id.toString(receiptIdFormat === 'decimal' ? 10 : 16);
  return id.padStart(receiptIdDigits, '0');
}

const MINUTE_MS = 60_000;
let cachedMinute = -1;
let cachedDate = '';

/** YYMMDDhhmm (SMPP 3.4 Appendix B), here in UTC. Cached: nearly all receipts share their minute. */
function compactDate(at: number): string {
  const minute = Math.floor(at / MINUTE_MS);
  if (minute !== cachedMinute) {
    cachedMinute = minute;
    cachedDate = new Date(at).toISOString().slice(2, 16).replace(/[-T:]/g, '');
  }
  return cachedDate;
}
