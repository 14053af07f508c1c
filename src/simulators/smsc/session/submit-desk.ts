// Takes one submit_sm: reads it, asks the planner, writes it down, answers it and sets its
// receipts going. Written for many thousands a second: nothing is allocated for a message
// without receipts but its strings.
import { countStatus } from '../record/counters.js';
import type { PlannedReceipt, SubmitPlan } from '../outcome/submit-planner.js';
import { RECEIPT_STATES } from '../outcome/receipt-state.js';
import { CommandId, CommandStatus, RESPONSE_BIT, statusName } from '../wire/pdu.js';
import type { PduWriter } from '../wire/pdu-writer.js';
import { SubmitSm } from '../wire/submit-sm.js';
import type { Account } from '../delivery/account.js';
import type { Centre } from './centre.js';
import { Receipt } from '../delivery/delivery.js';
import { endOf, type KeptMessage } from '../delivery/kept-messages.js';
import type { DisconnectMode } from '../outcome/settings.js';
import { DelayedResponse } from './delayed-response.js';

/** What the desk needs of the session the submit came in on. */
export interface SubmittingSession {
  readonly id: number;
  readonly writer: PduWriter;
  readonly isClosed: boolean;
  disconnect(mode: DisconnectMode): void;
}

/** SMPP 3.4 Appendix B: the receipt repeats the first 20 characters. */
const RECEIPT_TEXT_OCTETS = 20;

const INTERMEDIATE: PlannedReceipt = { stat: 'ENROUTE', delayMs: 0, settles: false };

export class SubmitDesk {
  private readonly submit = new SubmitSm();
  /** Of the PDU being taken. */
  private commandId: number = CommandId.SUBMIT_SM;

  constructor(private readonly centre: Centre) {}

  take(
    session: SubmittingSession,
    account: Account,
    commandId: number,
    sequenceNumber: number,
    pdu: Buffer,
    start: number,
    end: number,
  ): void {
    const { centre, submit } = this;
    this.commandId = commandId;
    const isDataSm = commandId === CommandId.DATA_SM;
    const fault = isDataSm ? submit.readDataSm(pdu, start, end) : submit.read(pdu, start, end);
    if (fault !== CommandStatus.ESME_ROK) {
      this.refuse(session, account, sequenceNumber, fault, undefined);
      return;
    }
    const plan = centre.planner.plan(submit.destination);
    if (plan.status === CommandStatus.ESME_ROK) this.accept(session, account, sequenceNumber, plan);
    else this.refuse(session, account, sequenceNumber, plan.status, plan);
    if (plan.disconnect !== undefined) {
      centre.counters.linksBroken += 1;
      session.disconnect(plan.disconnect);
    }
  }

  private accept(
    session: SubmittingSession,
    account: Account,
    sequenceNumber: number,
    plan: SubmitPlan,
  ): void {
    const { centre } = this;
    const { hasTlvs } = session.writer;
    const id = hasTlvs ? centre.newMessageId() : centre.newMessageId33();
    const messageId = hasTlvs ? centre.formatMessageId(id) : id.toString(16).padStart(8, '0');
    const duplicate = this.isDuplicate();
    centre.counters.accepted += 1;
    if (duplicate) centre.counters.duplicated += 1;
    if (centre.ledger.enabled) {
      this.record(session, account, sequenceNumber, plan, CommandStatus.ESME_ROK, messageId, duplicate);
    }
    if (plan.receiptsFirst) {
      this.scheduleReceipts(account, id, messageId, plan);
      this.respond(session, account, sequenceNumber, plan, CommandStatus.ESME_ROK, messageId);
    } else {
      this.respond(session, account, sequenceNumber, plan, CommandStatus.ESME_ROK, messageId);
      this.scheduleReceipts(account, id, messageId, plan);
    }
  }

  private refuse(
    session: SubmittingSession,
    account: Account,
    sequenceNumber: number,
    status: number,
    plan: SubmitPlan | undefined,
  ): void {
    countStatus(this.centre.counters.refused, status);
    if (this.centre.ledger.enabled) this.record(session, account, sequenceNumber, plan, status, null, false);
    if (plan === undefined) session.writer.header(this.responseId, status, sequenceNumber);
    else this.respond(session, account, sequenceNumber, plan, status, '');
  }

  private respond(
    session: SubmittingSession,
    account: Account,
    sequenceNumber: number,
    plan: SubmitPlan,
    status: number,
    messageId: string,
  ): void {
    if (!plan.answer) {
      this.centre.counters.responsesDropped += 1;
    } else if (plan.responseDelayMs > 0) {
      const response = new DelayedResponse(
        this.centre,
        session,
        account,
        this.responseId,
        sequenceNumber,
        status,
        messageId,
      );
      this.centre.responses.schedule(response, plan.responseDelayMs);
    } else if (status === CommandStatus.ESME_ROK) {
      const { congestionState } = this.centre.settings;
      session.writer.submitSmResp(sequenceNumber, messageId, congestionState, this.responseId);
    } else {
      // SMPP 3.4 §4.4.2: no body when the status is not 0.
      session.writer.header(this.responseId, status, sequenceNumber);
    }
  }

  private scheduleReceipts(account: Account, id: number, messageId: string, plan: SubmitPlan): void {
    const { centre, submit } = this;
    const wanted = submit.registeredDelivery;
    const { keepMessages } = centre.settings;
    if ((wanted & 0x13) === 0 && keepMessages === 0) return;
    const message = this.message(id, messageId, account, plan);
    centre.kept.keep(message, keepMessages);
    if ((wanted & 0x13) === 0) return;
    const outbox = centre.settings.receiptsToAnyAccount ? centre.outboxOf(account) : account;
    if ((wanted & 0x10) !== 0) outbox.enqueue(new Receipt(outbox, message, INTERMEDIATE, centre.settings));
    for (const [nth, planned] of plan.receipts.entries()) {
      if (!isWanted(planned, wanted)) continue;
      const receipt = new Receipt(outbox, message, planned, centre.settings);
      if (planned.delayMs === 0 || (plan.receiptsFirst && nth === 0)) outbox.enqueue(receipt);
      else centre.wheel.schedule(receipt, planned.delayMs);
    }
    // Out before the response is written, which comes next.
    if (plan.receiptsFirst) account.pump();
  }

  private get responseId(): number {
    return RESPONSE_BIT + this.commandId;
  }

  private message(id: number, messageId: string, account: Account, plan: SubmitPlan): KeptMessage {
    const { submit, centre } = this;
    const textStart = submit.bodyStart + submit.headerOctets();
    const textEnd = Math.min(submit.bodyEnd, textStart + RECEIPT_TEXT_OCTETS);
    const submittedAtMs = centre.clock.monotonicMs();
    return {
      id,
      messageId,
      systemId: account.systemId,
      registeredDelivery: submit.registeredDelivery,
      sourceTon: submit.sourceTon,
      sourceNpi: submit.sourceNpi,
      source: submit.source,
      destinationTon: submit.destinationTon,
      destinationNpi: submit.destinationNpi,
      destination: submit.destination,
      text: submit.buffer.toString('latin1', textStart, textEnd),
      submittedAt: centre.clock.now(),
      submittedAtMs,
      deletedAt: null,
      end: endOf(plan, centre.settings, submittedAtMs),
    };
  }

  private isDuplicate(): boolean {
    const { submit } = this;
    const { fingerprints } = this.centre;
    fingerprints.begin();
    fingerprints.mix(submit.buffer, submit.destinationStart, submit.destinationEnd);
    fingerprints.mix(submit.buffer, submit.bodyStart, submit.bodyEnd);
    return !fingerprints.add();
  }

  private record(
    session: SubmittingSession,
    account: Account,
    sequenceNumber: number,
    plan: SubmitPlan | undefined,
    status: number,
    messageId: string | null,
    duplicate: boolean,
  ): void {
    const { submit } = this;
    const delayed = plan !== undefined && plan.responseDelayMs > 0;
    this.centre.record({
      kind: 'submit',
      command: this.commandId === CommandId.DATA_SM ? 'data_sm' : 'submit_sm',
      session: session.id,
      systemId: account.systemId,
      sequenceNumber,
      source: submit.source,
      destination: submit.destination,
      shortMessage: submit.buffer.toString('hex', submit.bodyStart, submit.bodyEnd),
      esmClass: submit.esmClass,
      dataCoding: submit.dataCoding,
      registeredDelivery: submit.registeredDelivery,
      status: statusName(status),
      messageId,
      response: plan?.answer === false ? 'never' : delayed ? 'delayed' : 'sent',
      duplicate,
    });
  }
}

/** SMPP 3.4 §5.2.17, bits 1-0: 1 every final receipt, 2 failures only, 3 success only (5.0). */
function isWanted({ stat }: PlannedReceipt, registeredDelivery: number): boolean {
  const bits = registeredDelivery & 0x03;
  if (bits === 1) return true;
  if (bits === 0) return false;
  const success = stat === 'DELIVRD' || !RECEIPT_STATES[stat].final;
  return bits === 3 ? success : !success;
}
