// The parts of one connector, put together: what goes out, what comes back, what was left
// behind. Two floors of the service: receipts are recorded longer than submits are made.
import type { AwaitingOutcomeQueries } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import { SLOT_COUNT } from '../../projections/awaiting-outcome/awaiting-outcome.projection.js';
import type { ReceiptMatchingQueries } from '../../projections/receipt-matching/receipt-matching.queries.js';
import type { LivingPart } from '../boot/lifespan.js';
import type { Clock, Randomness } from '../clock/clock.js';
import type { Log } from '../health/log.js';
import type { Journal } from '../journal/journal.js';
import type { RecordedFeed } from '../lifecycle/recorded-feed.js';
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { Leases } from '../subscription/leases.js';
import { Connector } from './connector.js';
import type { ConnectorOptions } from './connector.options.js';
import { LeftBehind } from './left-behind.js';
import { receiptDialect } from './pdu/receipt-options.js';
import { ReceiptLedger } from './receipt-ledger.js';
import { ReceiptListener } from './receipt-listener.js';
import { type InDoubtSearch, ReceiptMatcher } from './receipt-matcher.js';
import { RecentParts } from './recent-parts.js';
import { SendLanes } from './send-lanes.js';
import { SenderSlots } from './sender-slots.js';
import { SubmissionRecorder } from './submission-recorder.js';
import { SubmitForm } from './submit-form.js';
import type { Submission } from './submission.js';
import { Submitter } from './submitter.js';
import { WaitingReceipts } from './waiting-receipts.js';

export interface SenderParts {
  readonly lifecycle: MessageLifecycle;
  readonly journal: Journal;
  readonly leases: Leases;
  readonly recorded: RecordedFeed;
  readonly awaiting: AwaitingOutcomeQueries;
  readonly matching: ReceiptMatchingQueries;
  readonly inDoubt: InDoubtSearch;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  /** Told how long each first submit waited since the message was accepted, milliseconds. */
  readonly onFirstSubmit: (delayMs: number) => void;
  /** One for all connectors of a process, which may bring each other's receipts. */
  readonly recent?: RecentParts;
  readonly waiting?: WaitingReceipts;
}

export interface SenderOptions {
  readonly connector: ConnectorOptions;
  /** Every connector of its group, itself included; left out: it alone. */
  readonly groupConnectors?: ReadonlySet<string>;
  readonly inDoubtPolicy: 'hold' | 'resubmit';
  /** Pause before a part is submitted again after a temporary refusal. */
  readonly retryDelayMs: number;
}

export type LinkState = 'down' | 'bound' | 'draining' | 'stopped';

export class Sender implements LivingPart {
  readonly name: string;
  readonly floor = 'senders';
  private readonly connector: Connector<Submission>;
  private readonly recorder: SubmissionRecorder;
  private readonly listener: ReceiptListener;
  private readonly matcher: ReceiptMatcher;
  private readonly slots: SenderSlots;
  private submitter: Submitter | undefined;
  private leftBehind: LeftBehind | undefined;
  private link: { state: LinkState; reason: string } = { state: 'down', reason: 'not started' };
  private readonly group: string;
  private readonly recent: RecentParts;

  constructor(
    private readonly parts: SenderParts,
    private readonly options: SenderOptions,
  ) {
    const { lifecycle, journal, leases, recorded, matching, inDoubt, clock, randomness, log } = parts;
    const { name, group = name, receipts } = options.connector;
    this.name = name;
    this.group = group;
    this.recent = parts.recent ?? new RecentParts();
    const waiting = parts.waiting ?? new WaitingReceipts();
    const ledger = new ReceiptLedger(journal, this.name, clock, randomness);
    this.matcher = new ReceiptMatcher(
      { connector: name, groupConnectors: options.groupConnectors ?? new Set([name]) },
      lifecycle,
      matching,
      inDoubt,
      ledger,
      waiting,
      clock,
      log,
    );
    this.listener = new ReceiptListener(
      { connector: name, group, dialect: receiptDialect(receipts) },
      lifecycle,
      matching,
      this.recent,
      waiting,
      ledger,
      clock,
      log,
      () => {
        this.matcher.parked();
      },
    );
    recorded.subscribe((events) => this.submitter?.accepted(events));
    this.recorder = new SubmissionRecorder(lifecycle, clock, log, () => this.submitter?.capacityChanged());
    this.slots = new SenderSlots(leases, clock, SLOT_COUNT, () => this.submitter?.wake());
    this.connector = new Connector<Submission>(options.connector, clock, randomness, log, {
      submitsEnded: (ends) => this.submitter?.submitEnded(ends),
      submitAnsweredLate: (answers) => {
        this.submitter?.submitEnded(
          answers.map(({ tag, ...answer }) => ({ tag, end: { end: 'answered', ...answer } })),
        );
      },
      delivered: (delivers) => {
        this.listener.delivered(delivers);
      },
      capacityChanged: () => this.submitter?.capacityChanged(),
      stateChanged: (state, reason) => {
        this.link = { state, reason };
      },
    });
  }

  start(): void {
    const { lifecycle, awaiting, leases, clock, log } = this.parts;
    const { inDoubtPolicy, retryDelayMs } = this.options;
    const { receipts } = this.options.connector;
    // The number of this process is known only now that the leases have started.
    const sender = String(leases.processNumber);
    this.submitter = new Submitter(
      lifecycle,
      new SendLanes(awaiting, clock, this.slots.slots),
      this.connector,
      new SubmitForm(),
      this.recorder,
      this.recent,
      clock,
      log,
      {
        sender,
        inDoubtPolicy,
        retryDelayMs,
        group: this.group,
        ...(receipts === undefined ? {} : { receipts }),
      },
      this.parts.onFirstSubmit,
    );
    this.leftBehind = new LeftBehind(lifecycle, awaiting, clock, log, { sender, inDoubtPolicy });
    this.leftBehind.start();
    this.matcher.start();
    this.slots.start();
    this.connector.start();
    this.submitter.start();
  }

  /** Nothing new leaves; what is on its way is answered and recorded; then the link closes. */
  async stop(): Promise<void> {
    await this.slots.stop();
    await this.submitter?.stop();
    await this.connector.drain();
    await this.recorder.flush();
    await this.listener.flush();
    await this.connector.stop();
    await this.recorder.flush();
    await this.leftBehind?.stop();
    await this.matcher.stop();
  }

  /** Open messages moved: there may be something to send. */
  wake(): void {
    this.submitter?.wake();
  }

  /** Submitted parts or parked receipts moved. */
  receiptsMoved(): void {
    this.matcher.wake();
  }

  status(): {
    readonly state: LinkState;
    readonly reason: string;
    readonly queued: number;
    readonly submits: number;
    readonly receipts: ReceiptListener['counts'];
    readonly connector: ReturnType<Connector<Submission>['counters']>;
  } {
    return {
      ...this.link,
      queued: this.submitter?.queued ?? 0,
      submits: this.submitter?.submits ?? 0,
      receipts: this.listener.counts,
      connector: this.connector.counters(),
    };
  }
}
