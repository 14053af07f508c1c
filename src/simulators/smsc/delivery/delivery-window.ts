// The deliver_sm of one session that have no answer yet, oldest first. Each ends in exactly one
// of: acknowledged, refused for good, put back to be sent again, lost with the link.
import { countStatus } from '../record/counters.js';
import { CommandStatus, MAX_SEQUENCE_NUMBER, statusName } from '../wire/pdu.js';
import type { PduWriter } from '../wire/pdu-writer.js';
import type { Account } from './account.js';
import type { Centre } from '../session/centre.js';
import type { Delivery } from './delivery.js';

export class DeliveryWindow {
  private readonly outstanding = new Map<number, Delivery>();
  private sequenceNumber = 0;

  constructor(
    private readonly session: number,
    private readonly centre: Centre,
    private readonly writer: PduWriter,
  ) {}

  get size(): number {
    return this.outstanding.size;
  }

  get hasRoom(): boolean {
    const limit = this.centre.settings.deliverWindow;
    return limit === 0 || this.outstanding.size < limit;
  }

  /** For deliver_sm and whatever else the simulator sends first. */
  nextSequenceNumber(): number {
    do {
      this.sequenceNumber = this.sequenceNumber === MAX_SEQUENCE_NUMBER ? 1 : this.sequenceNumber + 1;
    } while (this.outstanding.has(this.sequenceNumber));
    return this.sequenceNumber;
  }

  send(delivery: Delivery): void {
    const { centre } = this;
    const sequenceNumber = this.nextSequenceNumber();
    delivery.attempt += 1;
    delivery.sentAtMs = centre.clock.monotonicMs();
    this.writer.deliverSm(sequenceNumber, delivery.toDeliverSm(centre.settings, centre.clock.now()));
    this.outstanding.set(sequenceNumber, delivery);
    centre.counters.deliveriesSent += 1;
    if (centre.ledger.enabled) this.record('delivery-sent', sequenceNumber, delivery, null);
  }

  /** The answer to one of them: deliver_sm_resp or generic_nack. */
  answered(sequenceNumber: number, status: number, nowMs: number): void {
    const { centre } = this;
    const delivery = this.outstanding.get(sequenceNumber);
    if (delivery === undefined) {
      centre.counters.strayResponses += 1;
      return;
    }
    this.outstanding.delete(sequenceNumber);
    if (centre.ledger.enabled) this.record('delivery-answered', sequenceNumber, delivery, status);
    if (status === CommandStatus.ESME_ROK) this.acknowledged(delivery, nowMs);
    else this.refused(delivery, status);
  }

  /** Gives up waiting for answers that are overdue; those deliveries go out again. */
  sweep(account: Account, nowMs: number): void {
    const limitMs = this.centre.settings.deliverResponseTimeoutMs;
    if (limitMs === 0) return;
    for (const [sequenceNumber, delivery] of this.outstanding) {
      if (nowMs - delivery.sentAtMs < limitMs) break;
      this.outstanding.delete(sequenceNumber);
      this.centre.counters.deliveriesRetried += 1;
      account.enqueue(delivery);
    }
  }

  /** The link is gone. */
  close(account: Account): void {
    const { counters, settings } = this.centre;
    for (const delivery of this.outstanding.values()) {
      if (settings.redeliverUnacknowledged) {
        counters.deliveriesRetried += 1;
        account.enqueue(delivery);
      } else {
        counters.deliveriesLost += 1;
      }
    }
    this.outstanding.clear();
  }

  private acknowledged(delivery: Delivery, nowMs: number): void {
    const { centre } = this;
    centre.counters.deliveriesAcknowledged += 1;
    centre.lastAcknowledgementAt = centre.clock.now();
    centre.deliverToAcknowledgement.record(nowMs - delivery.sentAtMs);
    const latencyMs = delivery.latencyMs(nowMs);
    if (latencyMs !== undefined) centre.submitToAcknowledgement.record(latencyMs);
  }

  private refused(delivery: Delivery, status: number): void {
    const { counters, settings, wheel } = this.centre;
    countStatus(counters.deliveriesRefused, status);
    if (!settings.retryReceipts || !settings.retriedStatuses.includes(status)) return;
    counters.deliveriesRetried += 1;
    wheel.schedule(delivery, settings.receiptRetryDelayMs);
  }

  private record(
    kind: 'delivery-sent' | 'delivery-answered',
    sequenceNumber: number,
    { attempt, messageId, stat }: Delivery,
    status: number | null,
  ): void {
    this.centre.record({
      kind,
      session: this.session,
      sequenceNumber,
      attempt,
      messageId,
      stat,
      status: status === null ? null : statusName(status),
    });
  }
}
