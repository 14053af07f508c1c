// Listens to a connector and keeps what it tells, so that a test can wait for it.
import type { ConnectorListener, ConnectorState, IncomingDeliver } from '../../src/smpp/connector.js';
import type { AlertNotification } from '../../src/smpp/pdu/alert-notification.js';
import type { SubmitSm } from '../../src/smpp/pdu/submit-sm.js';
import type { EndedSubmit, LateAnswer } from '../../src/smpp/session/submit-end.js';
import { eventually } from './eventually.js';

export class ConnectorRecorder implements ConnectorListener<string> {
  readonly ends: EndedSubmit<string>[] = [];
  readonly lateAnswers: LateAnswer<string>[] = [];
  readonly delivers: IncomingDeliver[] = [];
  readonly alerts: AlertNotification[] = [];
  readonly states: { readonly state: ConnectorState; readonly reason: string }[] = [];
  /** Length of each list as it came. */
  readonly listSizes: number[] = [];
  capacityCalls = 0;
  /** What delivered() does besides keeping; by default it accepts. */
  onDelivered = (pdus: readonly IncomingDeliver[]): void => {
    for (const pdu of pdus) pdu.respond(0);
  };
  private readonly listeners = new Set<() => void>();

  submitsEnded(ends: readonly EndedSubmit<string>[]): void {
    this.ends.push(...ends);
    this.listSizes.push(ends.length);
    this.changed();
  }

  submitAnsweredLate(answers: readonly LateAnswer<string>[]): void {
    this.lateAnswers.push(...answers);
    this.changed();
  }

  delivered(pdus: readonly IncomingDeliver[]): void {
    this.delivers.push(...pdus);
    this.changed();
    this.onDelivered(pdus);
  }

  alerted(alerts: readonly AlertNotification[]): void {
    this.alerts.push(...alerts);
    this.changed();
  }

  capacityChanged(): void {
    this.capacityCalls++;
    this.changed();
  }

  stateChanged(state: ConnectorState, reason: string): void {
    this.states.push({ state, reason });
    this.changed();
  }

  /** Tag → how it ended, e.g. `answered 0 id-1`, in the order they ended. */
  get outcomes(): readonly string[] {
    return this.ends.map(({ tag, end }) =>
      end.end === 'answered'
        ? `${tag} answered ${String(end.commandStatus)} ${end.smscMessageId}`.trim()
        : `${tag} ${end.end}`,
    );
  }

  until(what: string, holds: () => boolean, deadlineMs?: number): Promise<void> {
    return eventually(
      (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      `${what}; heard ${JSON.stringify({ ends: this.outcomes.slice(-5), states: this.states.slice(-5) })}`,
      holds,
      deadlineMs,
    );
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

/** A submit_sm that any SMSC takes; the tag stands in its text. */
export function submitSm(tag: string, overrides: Partial<SubmitSm> = {}): { pdu: SubmitSm; tag: string } {
  return {
    tag,
    pdu: {
      serviceType: '',
      sourceTon: 5,
      sourceNpi: 0,
      sourceAddr: 'SureReach',
      destTon: 1,
      destNpi: 1,
      destAddr: '447700900123',
      esmClass: 0,
      protocolId: 0,
      priorityFlag: 0,
      validityPeriod: '',
      registeredDelivery: 1,
      dataCoding: 0,
      shortMessage: Buffer.from(tag),
      ...overrides,
    },
  };
}

export function submitSms(count: number): readonly { pdu: SubmitSm; tag: string }[] {
  return Array.from({ length: count }, (_, index) => submitSm(`m${String(index + 1)}`));
}

export const silentLog = { info: ignore, warn: ignore, error: ignore, debug: ignore };

function ignore(): void {
  // What a connector logs is no part of its contract.
}
