// Answers what an ESME asks about its messages, by what has become of them.
//
// | message            | query_sm                | cancel_sm                     | replace_sm              |
// |--------------------|-------------------------|-------------------------------|-------------------------|
// | unknown id         | ESME_RQUERYFAIL         | ESME_RINVMSGID                | ESME_RINVMSGID          |
// | other source_addr  | ESME_RQUERYFAIL         | ESME_RCANCELFAIL              | ESME_RREPLACEFAIL       |
// | on its way         | ENROUTE                 | DELETED; a receipt says so    | the new text goes       |
// | final              | its state, final_date   | ESME_RCANCELFAIL              | ESME_RREPLACEFAIL       |
//
// cancel_sm with a NULL message_id deletes everything on its way between the two addresses (SMPP 3.4
// §4.9); service_type is not compared. replace_sm is a transmitter's (Table 2-1): a transceiver gets
// ESME_RINVBNDSTS unless the settings say otherwise.
import type { Account } from '../delivery/account.js';
import { Receipt } from '../delivery/delivery.js';
import { isOver, type KeptMessage, statOf } from '../delivery/kept-messages.js';
import type { ReceiptStat } from '../outcome/receipt-state.js';
import { RECEIPT_STATES } from '../outcome/receipt-state.js';
import { type ReadAsk, readAsk } from '../wire/asks.js';
import { CommandId, CommandStatus, RESPONSE_BIT, statusName } from '../wire/pdu.js';
import type { PduWriter } from '../wire/pdu-writer.js';
import type { Centre, SessionMode } from './centre.js';

export interface AskingSession {
  readonly id: number;
  readonly mode: SessionMode;
  readonly writer: PduWriter;
}

interface Answer {
  readonly status: number;
  /** Messages it found. */
  readonly messages: readonly KeptMessage[];
}

const NAMES: ReadonlyMap<number, 'query_sm' | 'cancel_sm' | 'replace_sm'> = new Map([
  [CommandId.QUERY_SM, 'query_sm'],
  [CommandId.CANCEL_SM, 'cancel_sm'],
  [CommandId.REPLACE_SM, 'replace_sm'],
]);

const DELETED = { stat: 'DELETED', delayMs: 0, settles: true } as const;

/** SMPP 3.4 Appendix B: the receipt repeats the first 20 characters. */
const RECEIPT_TEXT_OCTETS = 20;

export class AskDesk {
  constructor(private readonly centre: Centre) {}

  /** False: it is no such request. */
  take(
    session: AskingSession,
    account: Account | undefined,
    commandId: number,
    sequenceNumber: number,
    pdu: Buffer,
    start: number,
    end: number,
  ): boolean {
    const command = NAMES.get(commandId);
    if (command === undefined) return false;
    const { centre } = this;
    const ask = readAsk(commandId, pdu, start, end);
    const { status, messages } = this.judge(session, account, commandId, ask);
    centre.counters.asks += 1;
    const stat = messages[0] === undefined ? null : statOf(messages[0], centre.clock.monotonicMs());
    centre.record({
      kind: 'ask',
      session: session.id,
      command,
      sequenceNumber,
      messageId: typeof ask === 'number' ? null : ask.messageId,
      messages: messages.map(({ messageId }) => messageId),
      status: statusName(status),
      stat,
    });
    if (centre.settings.answerAsks)
      this.answer(session, commandId, sequenceNumber, status, messages[0], stat);
    return true;
  }

  private judge(
    { mode }: AskingSession,
    account: Account | undefined,
    commandId: number,
    ask: ReadAsk | number,
  ): Answer {
    const refused = (status: number): Answer => ({ status, messages: [] });
    if (account === undefined || mode === 'receiver') return refused(CommandStatus.ESME_RINVBNDSTS);
    if (typeof ask === 'number') return refused(ask);
    const { queryStatus, cancelStatus, replaceStatus, replaceOnTransceiver } = this.centre.settings;
    if (commandId === CommandId.QUERY_SM) {
      return queryStatus === 0 ? this.query(account, ask) : refused(queryStatus);
    }
    if (commandId === CommandId.CANCEL_SM) {
      return cancelStatus === 0 ? this.cancel(account, ask) : refused(cancelStatus);
    }
    if (mode === 'transceiver' && !replaceOnTransceiver) return refused(CommandStatus.ESME_RINVBNDSTS);
    return replaceStatus === 0 ? this.replace(account, ask) : refused(replaceStatus);
  }

  private query({ systemId }: Account, ask: ReadAsk): Answer {
    const message = this.centre.kept.find(ask.messageId, systemId);
    if (message?.source !== ask.source) return { status: CommandStatus.ESME_RQUERYFAIL, messages: [] };
    return { status: CommandStatus.ESME_ROK, messages: [message] };
  }

  private cancel(account: Account, ask: ReadAsk): Answer {
    const { kept, clock } = this.centre;
    const nowMs = clock.monotonicMs();
    if (ask.messageId === '') {
      const open = kept
        .between(ask.source, ask.destination, account.systemId)
        .filter((message) => !isOver(message, nowMs));
      for (const message of open) this.delete(account, message);
      const status = open.length > 0 ? CommandStatus.ESME_ROK : CommandStatus.ESME_RCANCELFAIL;
      return { status, messages: open };
    }
    const message = kept.find(ask.messageId, account.systemId);
    if (message === undefined) return { status: CommandStatus.ESME_RINVMSGID, messages: [] };
    const fits =
      message.source === ask.source && (ask.destination === '' || message.destination === ask.destination);
    if (!fits || isOver(message, nowMs)) {
      return { status: CommandStatus.ESME_RCANCELFAIL, messages: fits ? [message] : [] };
    }
    this.delete(account, message);
    return { status: CommandStatus.ESME_ROK, messages: [message] };
  }

  private delete(account: Account, message: KeptMessage): void {
    const { settings, clock } = this.centre;
    message.deletedAt = clock.now();
    if (!settings.receiptOnCancel || (message.registeredDelivery & 0x03) === 0) return;
    account.enqueue(new Receipt(account, message, DELETED, settings));
  }

  private replace({ systemId }: Account, ask: ReadAsk): Answer {
    const message = this.centre.kept.find(ask.messageId, systemId);
    if (message === undefined) return { status: CommandStatus.ESME_RINVMSGID, messages: [] };
    if (message.source !== ask.source) return { status: CommandStatus.ESME_RREPLACEFAIL, messages: [] };
    if (isOver(message, this.centre.clock.monotonicMs())) {
      return { status: CommandStatus.ESME_RREPLACEFAIL, messages: [message] };
    }
    message.text = ask.shortMessage.toString('latin1', 0, RECEIPT_TEXT_OCTETS);
    return { status: CommandStatus.ESME_ROK, messages: [message] };
  }

  private answer(
    { writer }: AskingSession,
    commandId: number,
    sequenceNumber: number,
    status: number,
    message: KeptMessage | undefined,
    stat: ReceiptStat | null,
  ): void {
    const isTold = commandId === CommandId.QUERY_SM && status === CommandStatus.ESME_ROK;
    if (!isTold || message === undefined || stat === null) {
      writer.header(RESPONSE_BIT + commandId, status, sequenceNumber);
      return;
    }
    const { messageState, err, final } = RECEIPT_STATES[stat];
    const { clock } = this.centre;
    const sinceEndMs = clock.monotonicMs() - message.end.atMs;
    const finalAt = message.deletedAt ?? clock.now() - sinceEndMs;
    writer.querySmResp(
      sequenceNumber,
      message.messageId,
      final ? absoluteTime(finalAt) : '',
      messageState,
      Number(err),
    );
  }
}

/** SMPP 3.4 §7.1.1.1, in UTC: YYMMDDhhmmss, a tenth of a second, no difference. */
function absoluteTime(at: number): string {
  return `${new Date(at).toISOString().slice(2, 19).replace(/[-T:]/g, '')}000+`;
}
