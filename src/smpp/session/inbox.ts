// Reads what the SMSC sends: answers end window entries, requests are answered or handed on. No PDU
// stops the reading of the next: an unreadable body is refused, an unknown command is nacked
// (SMPP 3.4 §4.3), a generic_nack is never nacked back (SMPPSim would reply without end).
import type { Logger } from 'pino';
import { readAlertNotification } from '../pdu/alert-notification.js';
import { COMMAND_ID, RESPONSE_BIT } from '../pdu/command-id.js';
import { STATUS } from '../pdu/command-status.js';
import { readCongestionState } from '../pdu/congestion-state.js';
import { DeliverSm, readDeliverSm } from '../pdu/deliver-sm.js';
import { isResponse } from '../pdu/excerpt.js';
import { Framer, type FramingFault } from '../pdu/framer.js';
import { readSubmitSmRespMessageId } from '../pdu/submit-sm.js';
import { Ask } from './ask.js';
import type { Outbox } from './outbox.js';
import { ReceivedDeliver } from './received-deliver.js';
import { RefusalLog } from './refusal-log.js';
import type { Reports } from './reports.js';
import type { SendWindow } from './send-window.js';
import type { SessionCounters } from './session-counters.js';
import type { SessionOptions } from './session-options.js';

/** What concerns the state of the session, which the inbox does not know. */
export interface InboxEvents {
  /** False: drop what comes, the session is closed. */
  isOpen(): boolean;
  /** Whether the SMSC may send deliver_sm now. */
  mayDeliver(): boolean;
  /** A response that is not about submit_sm; true when it was expected. */
  responded(commandId: number, commandStatus: number, sequenceNumber: number, pdu: Buffer): boolean;
  unbindRequested(sequenceNumber: number): void;
  /** A deliver_sm was answered by our side. */
  deliverAnswered(): void;
  /** The SMSC no longer takes submits on this session though the link is alive. */
  unusable(detail: string): void;
}

export interface Received {
  /** Why the stream was given up; null while it is read. */
  readonly fault: string | null;
  readonly pdus: number;
  readonly traffic: number;
  readonly partial: boolean;
}

/**
 * Answers in a row that blame the session (a bad length, an unknown command) before it is rebuilt:
 * any other answer in between shows that the SMSC still reads us, and that the blame was about one
 * PDU. ESME_RINVBNDSTS rebuilds it at once. A guess.
 */
const MAX_STRIKES = 3;

/** Each may become a label of a metric; the specification has about 90, vendors add some. */
const MAX_STATUSES_COUNTED = 200;
const OTHER_STATUS = 0xffffffff;

export class Inbox<Tag> {
  private readonly framer: Framer;
  private pdus = 0;
  private traffic = 0;
  private strikesInARow = 0;
  private readonly refusals: RefusalLog;
  private delivers = 0;

  constructor(
    private readonly options: Pick<SessionOptions, 'maxPduOctets' | 'statuses' | 'deliverBudget'>,
    private readonly window: SendWindow<Tag | Ask>,
    private readonly outbox: Outbox,
    private readonly reports: Reports<Tag>,
    private readonly events: InboxEvents,
    private readonly counters: SessionCounters,
    private readonly log: Pick<Logger, 'debug' | 'warn' | 'error'>,
  ) {
    this.framer = new Framer(options.maxPduOctets);
    this.refusals = new RefusalLog(log);
  }

  /** deliver_sm and data_sm that our side has not answered yet. */
  get unansweredDelivers(): number {
    return this.delivers;
  }

  receive(chunk: Buffer): Received {
    this.pdus = 0;
    this.traffic = 0;
    const found = this.framer.push(chunk, this.take);
    const fault = found === null || !this.events.isOpen() ? null : this.giveUp(found);
    return { fault, pdus: this.pdus, traffic: this.traffic, partial: this.framer.partial };
  }

  private readonly take = (octets: Buffer, start: number, end: number): void => {
    if (!this.events.isOpen()) return;
    try {
      this.read(octets, start, end);
    } catch (error) {
      this.log.error({ err: error }, 'a PDU could not be handled; the session goes on');
    }
  };

  private read(octets: Buffer, start: number, end: number): void {
    const commandId = octets.readUInt32BE(start + 4);
    this.pdus++;
    if (commandId >= RESPONSE_BIT) this.readCongestion(octets, start, end);
    if (commandId === COMMAND_ID.enquire_link_resp) return;
    const sequenceNumber = octets.readUInt32BE(start + 12);
    if (commandId === COMMAND_ID.enquire_link) {
      this.outbox.headerOnly(COMMAND_ID.enquire_link_resp, STATUS.ESME_ROK, sequenceNumber);
      return;
    }
    this.traffic++;
    switch (commandId) {
      case COMMAND_ID.submit_sm_resp:
      case COMMAND_ID.data_sm_resp: // §4.7.2: begins with the message_id, as submit_sm_resp does
        this.submitAnswered(octets, start, end, commandId, sequenceNumber);
        break;
      case COMMAND_ID.query_sm_resp:
      case COMMAND_ID.cancel_sm_resp:
      case COMMAND_ID.replace_sm_resp:
        this.answered(octets, start, end, commandId, octets.readUInt32BE(start + 8), sequenceNumber, '');
        break;
      case COMMAND_ID.deliver_sm:
      case COMMAND_ID.data_sm:
        this.deliverReceived(octets, start, end, commandId, sequenceNumber);
        break;
      case COMMAND_ID.generic_nack:
        this.nacked(octets, start, end, sequenceNumber);
        break;
      case COMMAND_ID.unbind:
        this.events.unbindRequested(sequenceNumber);
        break;
      case COMMAND_ID.alert_notification: // has no response (§4.12)
        this.alerted(octets, start, end);
        break;
      case COMMAND_ID.outbind: // invites to bind; we have
        this.log.debug({ commandId }, 'PDU of no interest');
        break;
      default:
        if (commandId < RESPONSE_BIT) {
          this.outbox.headerOnly(COMMAND_ID.generic_nack, STATUS.ESME_RINVCMDID, sequenceNumber);
        } else {
          const commandStatus = octets.readUInt32BE(start + 8);
          if (!this.events.responded(commandId, commandStatus, sequenceNumber, octets.subarray(start, end))) {
            this.counters.strayResponses++;
          }
        }
    }
  }

  private readCongestion(octets: Buffer, start: number, end: number): void {
    const state = readCongestionState(octets, start, end);
    if (state !== null) this.reports.congested(state);
  }

  private alerted(octets: Buffer, start: number, end: number): void {
    const alert = readAlertNotification(octets, start, end);
    if (alert === null) this.log.warn({ octets: end - start }, 'could not read an alert_notification');
    else this.reports.alerted(alert);
  }

  private submitAnswered(
    octets: Buffer,
    start: number,
    end: number,
    commandId: number,
    sequenceNumber: number,
  ): void {
    const commandStatus = octets.readUInt32BE(start + 8);
    const smscMessageId =
      commandStatus === STATUS.ESME_ROK ? readSubmitSmRespMessageId(octets, start, end) : '';
    this.answered(octets, start, end, commandId, commandStatus, sequenceNumber, smscMessageId);
  }

  private answered(
    octets: Buffer,
    start: number,
    end: number,
    commandId: number,
    commandStatus: number,
    sequenceNumber: number,
    smscMessageId: string,
  ): void {
    if (this.endEntry(octets, start, end, commandId, commandStatus, sequenceNumber, smscMessageId)) return;
    this.counters.strayResponses++;
  }

  private nacked(octets: Buffer, start: number, end: number, sequenceNumber: number): void {
    // A nack refuses, whatever its status says: SMPPSim sends some with status 0.
    const commandStatus = octets.readUInt32BE(start + 8) || STATUS.ESME_RINVCMDID;
    if (this.endEntry(octets, start, end, COMMAND_ID.generic_nack, commandStatus, sequenceNumber, '')) return;
    const pdu = octets.subarray(start, end);
    if (this.events.responded(COMMAND_ID.generic_nack, commandStatus, sequenceNumber, pdu)) return;
    this.counters.strayResponses++;
    this.judge(commandStatus, sequenceNumber);
  }

  private endEntry(
    octets: Buffer,
    start: number,
    end: number,
    commandId: number,
    commandStatus: number,
    sequenceNumber: number,
    smscMessageId: string,
  ): boolean {
    const answered = this.window.answer(commandId, sequenceNumber);
    if (answered === null) return false;
    const { tag, late } = answered;
    if (tag instanceof Ask) {
      // Late, it ended as timed-out before; what it says now, the next query or receipt says too.
      if (!late) this.askAnswered(tag, commandStatus, Buffer.from(octets.subarray(start, end)));
      return !late;
    }
    if (late) {
      this.counters.submitsAnsweredLate++;
      this.reports.answeredLate({ tag, commandStatus, smscMessageId });
    } else {
      this.counters.submitsAnswered++;
      this.reports.ended(tag, { end: 'answered', commandStatus, smscMessageId });
    }
    const { answersByStatus } = this.counters;
    const isCounted = answersByStatus.has(commandStatus) || answersByStatus.size < MAX_STATUSES_COUNTED;
    const counted = isCounted ? commandStatus : OTHER_STATUS;
    answersByStatus.set(counted, (answersByStatus.get(counted) ?? 0) + 1);
    this.judge(commandStatus, sequenceNumber);
    return true;
  }

  /** Its status blames the ask, never the session: an SMSC that knows no query_sm takes submits all the same. */
  private askAnswered(ask: Ask, commandStatus: number, pdu: Buffer): void {
    this.counters.asksAnswered++;
    if (commandStatus !== STATUS.ESME_ROK) this.counters.asksRefused++;
    ask.ended({ end: 'answered', commandStatus, pdu });
    this.reports.askEnded();
  }

  private judge(commandStatus: number, sequenceNumber: number): void {
    if (commandStatus === STATUS.ESME_ROK) {
      this.strikesInARow = 0;
      return;
    }
    const { class: statusClass, name, meaning } = this.options.statuses.meaningOf(commandStatus);
    if (statusClass !== 'session') {
      this.strikesInARow = 0;
      return;
    }
    this.strikesInARow++;
    const inARow = this.strikesInARow;
    this.refusals.blame({ commandStatus: name, sequenceNumber, inARow }, meaning);
    if (commandStatus === STATUS.ESME_RINVBNDSTS || inARow >= MAX_STRIKES) {
      this.events.unusable(`${String(inARow)} answers in a row blame the session, the last ${name}`);
    }
  }

  private deliverReceived(
    octets: Buffer,
    start: number,
    end: number,
    commandId: typeof COMMAND_ID.deliver_sm | typeof COMMAND_ID.data_sm,
    sequenceNumber: number,
  ): void {
    if (this.options.deliverBudget.isOverdrawn) {
      // The SMSC keeps it and tries again (command-status.ts: throttle).
      this.counters.deliversRefused++;
      this.refuse(octets.subarray(start, end), commandId, STATUS.ESME_RMSGQFUL, sequenceNumber);
      return;
    }
    const pdu = this.events.mayDeliver()
      ? readDeliverSm(octets, start, end)
      : { commandStatus: STATUS.ESME_RINVBNDSTS };
    if (pdu instanceof DeliverSm) {
      this.counters.deliversReceived++;
      this.delivers++;
      this.options.deliverBudget.add(end - start);
      this.reports.delivered(new ReceivedDeliver(pdu, this.answerDeliver));
      return;
    }
    this.counters.deliversUnreadable++;
    this.refuse(octets.subarray(start, end), commandId, pdu.commandStatus, sequenceNumber);
  }

  private refuse(
    pdu: Buffer,
    commandId: typeof COMMAND_ID.deliver_sm | typeof COMMAND_ID.data_sm,
    commandStatus: number,
    sequenceNumber: number,
  ): void {
    this.outbox.deliverResp(responseTo(commandId), commandStatus, sequenceNumber);
    this.refusals.deliver(pdu, commandStatus);
  }

  /** Nacks; why, in words. */
  private giveUp(fault: FramingFault): string {
    this.counters.framingFaults++;
    // §4.3: nothing behind a bad command_length can be aligned, so no sequence_number is known.
    // Two sides that nack responses would never stop.
    if (!isResponse(fault.excerpt)) {
      this.outbox.headerOnly(COMMAND_ID.generic_nack, STATUS.ESME_RINVCMDLEN, 0);
    }
    return this.refusals.stream(fault);
  }

  private readonly answerDeliver = (pdu: DeliverSm, commandStatus: number): void => {
    this.delivers--;
    this.options.deliverBudget.remove(pdu.octets.length);
    if (!this.events.isOpen()) return;
    if (commandStatus === STATUS.ESME_ROK) this.counters.deliversAccepted++;
    else this.counters.deliversRefused++;
    this.outbox.deliverResp(responseTo(pdu.commandId), commandStatus, pdu.sequenceNumber);
    this.events.deliverAnswered();
  };
}

function responseTo(
  commandId: typeof COMMAND_ID.deliver_sm | typeof COMMAND_ID.data_sm,
): typeof COMMAND_ID.deliver_sm_resp | typeof COMMAND_ID.data_sm_resp {
  return commandId === COMMAND_ID.data_sm ? COMMAND_ID.data_sm_resp : COMMAND_ID.deliver_sm_resp;
}
