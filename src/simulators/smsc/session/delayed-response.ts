// A submit_sm_resp that comes late; when its link is gone by then, not at all or, if the
// settings say so, on another session of the account, as a confused SMSC might do it.
import { CommandStatus } from '../wire/pdu.js';
import type { PduWriter } from '../wire/pdu-writer.js';
import type { Account } from '../delivery/account.js';
import type { Centre } from './centre.js';
import type { Due } from '../delivery/timer-wheel.js';

interface AnsweringSession {
  readonly writer: PduWriter;
  readonly isClosed: boolean;
}

export class DelayedResponse implements Due {
  dueTick = 0;

  constructor(
    private readonly centre: Centre,
    private readonly session: AnsweringSession,
    private readonly account: Account,
    private readonly responseId: number,
    private readonly sequenceNumber: number,
    private readonly status: number,
    private readonly messageId: string,
  ) {}

  /** Written only; it leaves when the wheel's tick is over. */
  due(): void {
    const session = this.session.isClosed ? this.anotherSession() : this.session;
    if (session === undefined) {
      this.centre.counters.responsesLost += 1;
    } else if (this.status === CommandStatus.ESME_ROK) {
      const { congestionState } = this.centre.settings;
      session.writer.submitSmResp(this.sequenceNumber, this.messageId, congestionState, this.responseId);
    } else {
      session.writer.header(this.responseId, this.status, this.sequenceNumber);
    }
  }

  private anotherSession(): AnsweringSession | undefined {
    if (!this.centre.settings.lateResponsesOnNewSession) return undefined;
    return this.centre.boundSessions(this.account).findLast(({ mode }) => mode !== 'receiver');
  }
}
