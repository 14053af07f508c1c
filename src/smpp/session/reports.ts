// What a session has to tell its listener, collected over one read of the socket or one tick and
// told in lists. A listener that throws is logged and counted; the session reads on.
import type { Logger } from 'pino';
import type { AlertNotification } from '../pdu/alert-notification.js';
import type { ReceivedDeliver } from './received-deliver.js';
import type { SessionCounters } from './session-counters.js';
import type { EndedSubmit, LateAnswer, SubmitEnd } from './submit-end.js';

export interface ReportListener<Tag> {
  submitsEnded(ends: readonly EndedSubmit<Tag>[]): void;
  submitAnsweredLate(answers: readonly LateAnswer<Tag>[]): void;
  delivered(pdus: readonly ReceivedDeliver[]): void;
  /** alert_notification: there is nothing to answer (SMPP 3.4 §4.12). */
  alerted?(alerts: readonly AlertNotification[]): void;
  /** The last congestion_state of one read, 0 to 100 (SMPP 5.0 §4.8.4.18). */
  congested?(state: number): void;
  /** There may be room for more submit_sm. */
  capacityChanged(): void;
}

export class Reports<Tag> {
  private ends: EndedSubmit<Tag>[] = [];
  private late: LateAnswer<Tag>[] = [];
  private delivers: ReceivedDeliver[] = [];
  private slotFreed = false;
  private alerts: AlertNotification[] = [];
  private congestion: number | null = null;

  constructor(
    private readonly listener: ReportListener<Tag>,
    /** command_status that makes the SMSC deliver again. */
    private readonly tryLater: number,
    private readonly counters: SessionCounters,
    private readonly log: Pick<Logger, 'error'>,
  ) {}

  ended(tag: Tag, end: SubmitEnd): void {
    this.ends.push({ tag, end });
  }

  allEnded(tags: readonly Tag[], end: SubmitEnd): void {
    for (const tag of tags) this.ends.push({ tag, end });
  }

  answeredLate(answer: LateAnswer<Tag>): void {
    this.late.push(answer);
  }

  /** An ask has ended: its slot may serve a submit. */
  askEnded(): void {
    this.slotFreed = true;
  }

  delivered(deliver: ReceivedDeliver): void {
    this.delivers.push(deliver);
  }

  alerted(alert: AlertNotification): void {
    this.alerts.push(alert);
  }

  congested(state: number): void {
    this.congestion = state;
  }

  /** Ends go first: a receipt read together with its submit_sm_resp then finds its message. */
  tell(): void {
    const { ends, late, delivers, alerts, congestion } = this;
    if (congestion !== null) {
      this.congestion = null;
      this.guarded('congested', () => this.listener.congested?.(congestion));
    }
    if (ends.length > 0) {
      this.ends = [];
      this.guarded('submitsEnded', () => {
        this.listener.submitsEnded(ends);
      });
    }
    if (late.length > 0) {
      this.late = [];
      this.guarded('submitAnsweredLate', () => {
        this.listener.submitAnsweredLate(late);
      });
    }
    if (delivers.length > 0) {
      this.delivers = [];
      const heard = this.guarded('delivered', () => {
        this.listener.delivered(delivers);
      });
      // Nobody else will answer them now.
      if (!heard) for (const deliver of delivers) deliver.respond(this.tryLater);
    }
    if (alerts.length > 0) {
      this.alerts = [];
      this.guarded('alerted', () => this.listener.alerted?.(alerts));
    }
    if (ends.length > 0 || this.slotFreed) this.tellCapacity();
    this.slotFreed = false;
  }

  tellCapacity(): void {
    this.guarded('capacityChanged', () => {
      this.listener.capacityChanged();
    });
  }

  guarded(call: string, run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      this.counters.listenerFailures++;
      this.log.error({ err: error, call }, 'an SMPP listener threw; the session goes on');
      return false;
    }
  }
}
