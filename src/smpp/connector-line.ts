// One connector with its submitter and its receipts: everything between the lanes and the SMSC.
// While it takes no submits (down, paused, draining) it holds nothing back: what was attempted and
// has not left is recorded as never sent, so that it may go another way.
import type { Clock, Randomness } from '../clock/clock.js';
import type { Log } from '../health/log.js';
import type { Journal } from '../journal/journal.js';
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { AskedConnector } from './asking/asking.options.js';
import { Connector } from './connector.js';
import type { ConnectorState } from './connector-listener.js';
import type { Conversations } from './inbound/conversations.js';
import { InboundListener } from './inbound/inbound-listener.js';
import { InvitedSessions } from './inbound/invited-sessions.js';
import type { AlertNotification } from './pdu/alert-notification.js';
import { receiptDialect } from './pdu/receipt-options.js';
import { ReceiptLedger } from './receipt-ledger.js';
import { ReceiptListener } from './receipt-listener.js';
import { type InDoubtSearch, ReceiptMatcher } from './receipt-matcher.js';
import type { RecentParts } from './recent-parts.js';
import type { RoutedConnector } from './routing/router.js';
import type { SendLanes } from './send-lanes.js';
import type { ReceiptMatchingQueries } from '../../projections/receipt-matching/receipt-matching.queries.js';
import type { ConnectorSettings } from './settings/connector-settings.js';
import type { Dialled } from './session/wire.js';
import { SubmissionRecorder } from './submission-recorder.js';
import { SubmitForm } from './submit-form.js';
import type { Submission } from './submission.js';
import { Submitter } from './submitter.js';
import type { WaitingReceipts } from './waiting-receipts.js';

/** What all lines of a process share. */
export interface LineParts {
  readonly lifecycle: MessageLifecycle;
  readonly journal: Journal;
  readonly matching: Pick<ReceiptMatchingQueries, 'owners' | 'claimable' | 'parkedBefore' | 'hasParked'>;
  readonly inDoubt: InDoubtSearch;
  /** The connectors of a group; changes with a reload. */
  readonly membersOf: (group: string) => ReadonlySet<string>;
  readonly lanes: SendLanes;
  readonly recent: RecentParts;
  readonly waiting: WaitingReceipts;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  readonly conversations: Pick<Conversations, 'handle'>;
  /** Whether another connector could carry what this one refuses now. */
  readonly hasAlternative: (connector: string) => boolean;
  /** Told how long each first submit waited since the message was accepted, milliseconds. */
  readonly onFirstSubmit: (delayMs: number) => void;
}

/** bound and its operator's words for it; down and stopped as the link is. */
export type LineState = 'bound' | 'paused' | 'draining' | 'drained' | 'down' | 'stopped';

export interface LineStatus {
  readonly name: string;
  readonly state: LineState;
  /** Why, in one line. */
  readonly reason: string;
  /** Since when it is in this state: ISO 8601 UTC. */
  readonly since: string;
  readonly queued: number;
  readonly submits: number;
  /** submit_sm per second that the contract allows; null: no limit. */
  readonly contractPerSecond: number | null;
  readonly receipts: ReceiptListener['counts'];
  readonly connector: ReturnType<Connector<Submission>['counters']>;
}

export class ConnectorLine implements RoutedConnector {
  readonly name: string;
  /** What the askers need of it. */
  readonly asked: AskedConnector;
  /** Where its receipts without a message are noted. */
  readonly ledger: ReceiptLedger;
  private readonly connector: Connector<Submission>;
  private readonly form: SubmitForm;
  private readonly recorder: SubmissionRecorder;
  private readonly listener: ReceiptListener;
  private readonly matcher: ReceiptMatcher;
  private readonly invitedSessions: InvitedSessions;
  private submitter: Submitter | undefined;
  private link: { readonly state: ConnectorState; readonly reason: string; readonly since: string };
  private held: { readonly what: 'pause' | 'drain'; readonly since: string } | null = null;

  constructor(
    private readonly parts: LineParts,
    readonly settings: ConnectorSettings,
  ) {
    const { lifecycle, journal, matching, recent, waiting, clock, randomness, log } = parts;
    this.name = settings.connector.name;
    this.link = { state: 'down', reason: 'not started', since: clock.isoNow() };
    const { group } = settings;
    const inbound = new InboundListener(
      parts.conversations,
      { ...settings.inbound, connector: this.name, group },
      clock,
      randomness,
    );
    const dialect = receiptDialect(settings.connector.receipts);
    this.form = new SubmitForm(settings.form);
    const ledger = new ReceiptLedger(journal, this.name, clock, randomness);
    this.ledger = ledger;
    this.matcher = new ReceiptMatcher(
      { connector: this.name, groupConnectors: parts.membersOf(group) },
      lifecycle,
      matching,
      parts.inDoubt,
      ledger,
      waiting,
      clock,
      log,
    );
    this.listener = new ReceiptListener(
      { connector: this.name, group, dialect, tryLaterWith: settings.connector.tryLaterWith },
      lifecycle,
      matching,
      recent,
      waiting,
      ledger,
      clock,
      log,
      () => {
        this.matcher.parked();
      },
      inbound,
    );
    this.recorder = new SubmissionRecorder(lifecycle, clock, log, () => {
      this.roomChanged();
    });
    const delivered = this.listener.delivered.bind(this.listener);
    const alerted = (alerts: readonly AlertNotification[]): void => {
      void inbound.available(alerts).catch((error: unknown) => {
        log.warn({ error: String(error) }, 'could not record that a phone can be reached again');
      });
    };
    this.invitedSessions = new InvitedSessions(settings.connector, clock, log, { delivered, alerted });
    this.connector = new Connector<Submission>(settings.connector, clock, randomness, log, {
      submitsEnded: (ends) => this.submitter?.submitEnded(ends),
      submitAnsweredLate: (answers) => {
        this.submitter?.submitEnded(
          answers.map(({ tag, ...answer }) => ({ tag, end: { end: 'answered', ...answer } })),
        );
      },
      delivered,
      alerted,
      capacityChanged: () => {
        this.roomChanged();
      },
      stateChanged: (state, reason) => {
        this.link = { state, reason, since: clock.isoNow() };
        this.giveWay();
        this.wake();
      },
    });
    const { query = null, replace = 'never', bind, responseTimeoutMs } = settings.connector;
    const asking = { query, replace, bind, responseTimeoutMs };
    this.asked = { port: this.connector, form: this.form, group, dialect, ...asking };
  }

  get isAvailable(): boolean {
    return this.submitter !== undefined && this.connector.isAvailable;
  }

  /** submit_sm that may await their answer over all its sessions. */
  get windowSize(): number {
    return this.connector.windowSize;
  }

  get load(): number {
    return (this.connector.windowInUse + (this.submitter?.queued ?? 0)) / this.windowSize;
  }

  /** @param sender number of this process, known once the leases have started */
  start(sender: string): void {
    const { lifecycle, lanes, recent, clock, log, onFirstSubmit } = this.parts;
    const {
      inDoubtPolicy,
      group,
      connector: { receipts, query = null },
    } = this.settings;
    const hasAlternative = (): boolean => this.parts.hasAlternative(this.name);
    this.submitter = new Submitter(
      lifecycle,
      lanes.of(this.name),
      this.connector,
      this.form,
      this.recorder,
      recent,
      clock,
      log,
      {
        sender,
        inDoubtPolicy,
        group,
        hasAlternative,
        ...(receipts === undefined ? {} : { receipts }),
        ...(query === null ? {} : { queryAfterSeconds: query.afterSeconds }),
      },
      onFirstSubmit,
    );
    this.matcher.start();
    this.connector.start();
    this.submitter.start();
  }

  /** Nothing new leaves; what is on its way is answered and recorded; then the link closes. */
  async stop(): Promise<void> {
    await this.submitter?.stop();
    await this.connector.drain();
    await this.recorder.flush();
    await this.listener.flush();
    await Promise.all([this.connector.stop(), this.invitedSessions.stop()]);
    await this.recorder.stop();
    await this.matcher.stop();
    this.parts.lanes.release(this.name);
  }

  /** An SMSC opened this connection and invites this account to bind over it. False: not now. */
  invited(dialled: Dialled): boolean {
    return this.invitedSessions.accept(dialled);
  }

  /** Submitted parts or parked receipts moved. */
  receiptsMoved(): void {
    this.matcher.wake();
  }

  /** There may be something to send in the read model. */
  wake(): void {
    this.submitter?.wake();
  }

  /** There is room to send what the lanes hold, or they hold something new. */
  roomChanged(): void {
    this.submitter?.capacityChanged();
  }

  /** Nothing new leaves until resume(). Receipts are taken as before. */
  pause(): void {
    this.hold('pause');
  }

  /** As pause(); the state tells when every submit that was under way is answered. */
  drain(): void {
    this.hold('drain');
  }

  resume(): void {
    this.held = null;
    this.connector.resume();
    this.wake();
  }

  /** Every session ends in order and is bound anew, from the first host on. */
  rebind(): void {
    this.connector.rebind();
  }

  status(): LineStatus {
    return {
      name: this.name,
      ...this.state(),
      queued: this.submitter?.queued ?? 0,
      submits: this.submitter?.submits ?? 0,
      contractPerSecond: this.settings.connector.submitsPerSecond,
      receipts: this.listener.counts,
      connector: this.connector.counters(),
    };
  }

  private state(): Pick<LineStatus, 'state' | 'reason' | 'since'> {
    const { link, held } = this;
    if (held === null || link.state !== 'bound') return link;
    if (held.what === 'pause') {
      return { state: 'paused', reason: 'paused by an operator', since: held.since };
    }
    const left = this.connector.windowInUse + (this.submitter?.queued ?? 0) + this.recorder.pending;
    if (left === 0) return { state: 'drained', reason: 'drained by an operator', since: held.since };
    return { state: 'draining', reason: `${String(left)} submits are under way`, since: held.since };
  }

  private hold(what: 'pause' | 'drain'): void {
    this.held = { what, since: this.parts.clock.isoNow() };
    this.connector.pause();
    this.giveWay();
  }

  private giveWay(): void {
    if (this.isAvailable) return;
    this.parts.lanes.release(this.name);
    this.submitter?.handBack();
  }
}
