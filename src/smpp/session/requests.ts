// The requests of one session that await their answer, submits and asks in one window: each is written,
// counted, and ends exactly once. Whether anything may be sent at all is the session's to say.
import type { Clock } from '../../clock/clock.js';
import { COMMAND_ID } from '../pdu/command-id.js';
import type { SubmitSm } from '../pdu/submit-sm.js';
import { Ask, type AskEnd, type AskRequest, encodeAsk } from './ask.js';
import type { Outbox } from './outbox.js';
import type { Reports } from './reports.js';
import type { SendWindow } from './send-window.js';
import type { SessionCounters } from './session-counters.js';
import type { SessionOptions } from './session-options.js';
import { type EndedSubmit, endOfUnsendable } from './submit-end.js';

export class Requests<Tag> {
  private readonly submitResponseId: number;

  constructor(
    submitWith: SessionOptions['submitWith'],
    private readonly window: SendWindow<Tag | Ask>,
    private readonly outbox: Outbox,
    private readonly reports: Reports<Tag>,
    private readonly counters: SessionCounters,
    private readonly clock: Clock,
  ) {
    this.submitResponseId = COMMAND_ID[`${submitWith ?? 'submit_sm'}_resp`];
  }

  /** Sends the first `count` items. Returns those that could not be written. */
  submit(
    items: readonly { readonly pdu: SubmitSm; readonly tag: Tag }[],
    count: number,
    nowMs: number,
  ): readonly EndedSubmit<Tag>[] {
    const unsendable: EndedSubmit<Tag>[] = [];
    for (let index = 0; index < count; index++) {
      const item = items[index];
      if (item === undefined) break;
      const sequenceNumber = this.window.nextSequence();
      try {
        if (this.submitResponseId === COMMAND_ID.submit_sm_resp)
          this.outbox.submitSm(sequenceNumber, item.pdu);
        else this.outbox.dataSm(sequenceNumber, item.pdu);
      } catch (error) {
        unsendable.push({ tag: item.tag, end: endOfUnsendable(error) });
        continue;
      }
      this.window.add(sequenceNumber, item.tag, nowMs, this.submitResponseId);
    }
    this.counters.submitsSent += count - unsendable.length;
    return unsendable;
  }

  /** Sends it, or ends it as not-sent within this call. @returns when it was sent; null: it was not */
  ask(request: AskRequest, ended: (end: AskEnd) => void): number | null {
    const ask = new Ask(request, ended);
    const sequenceNumber = this.window.nextSequence();
    try {
      this.outbox.pdu(encodeAsk(request, sequenceNumber));
    } catch (error) {
      ended({ end: 'not-sent', detail: error instanceof Error ? error.message : String(error) });
      return null;
    }
    const nowMs = this.clock.monotonicMs();
    this.window.add(sequenceNumber, ask, nowMs, ask.responseId);
    this.counters.asksSent++;
    return nowMs;
  }

  /** Ends those whose time for an answer is over. */
  expire(nowMs: number): void {
    const timedOut = this.endAsks(this.window.expire(nowMs), { end: 'timed-out' });
    this.counters.submitsTimedOut += timedOut.length;
    this.reports.allEnded(timedOut, { end: 'timed-out' });
  }

  /** Ends all: the link is gone. */
  abandon(): void {
    const abandoned = this.window.abandon();
    const linkLost = this.endAsks(abandoned.linkLost, { end: 'link-lost' });
    const notSent = this.endAsks(abandoned.notSent, { end: 'not-sent', detail: 'the link went first' });
    this.counters.submitsLinkLost += linkLost.length;
    this.counters.submitsNotSent += notSent.length;
    this.reports.allEnded(linkLost, { end: 'link-lost' });
    this.reports.allEnded(notSent, { end: 'not-sent' });
  }

  /** Ends the asks among the requests; returns the submits. */
  private endAsks(requests: readonly (Tag | Ask)[], end: AskEnd): readonly Tag[] {
    const submits: Tag[] = [];
    for (const request of requests) {
      if (request instanceof Ask) {
        if (end.end !== 'not-sent') this.counters.asksUnanswered++;
        request.ended(end);
        this.reports.askEnded();
      } else submits.push(request);
    }
    return submits;
  }
}
