// A deliver_sm or data_sm that awaits our answer. The answer may come at any later time, and once.
import type { DeliverSm } from '../pdu/deliver-sm.js';

export type AnswerDeliver = (pdu: DeliverSm, commandStatus: number) => void;

export class ReceivedDeliver {
  private answered = false;

  constructor(
    readonly pdu: DeliverSm,
    private readonly answer: AnswerDeliver,
  ) {}

  get isAnswered(): boolean {
    return this.answered;
  }

  /**
   * Answers with this command_status. Only the first call counts, and none counts once the session
   * is gone: the SMSC then delivers it again on the next one, or not at all (its own choice).
   */
  respond(commandStatus: number): void {
    if (this.answered) return;
    this.answered = true;
    this.answer(this.pdu, commandStatus);
  }
}
