// Everything this process sends over: the lines of all connectors, the routes between them, and what
// they share. A reload changes the lines whose settings changed and leaves the others bound.
import { isDeepStrictEqual } from 'node:util';
import type { AwaitingOutcomeQueries } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import { SLOT_COUNT } from '../../projections/awaiting-outcome/awaiting-outcome.projection.js';
import type { ReceiptMatchingQueries } from '../../projections/receipt-matching/receipt-matching.queries.js';
import type { LivingPart } from '../boot/lifespan.js';
import type { Clock, Randomness } from '../clock/clock.js';
import type { Log } from '../health/log.js';
import type { Journal } from '../journal/journal.js';
import type { RecordedFeed } from '../lifecycle/recorded-feed.js';
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { RouteFacts } from '../message/route-facts.js';
import type { Leases } from '../subscription/leases.js';
import type { AskedConnectors } from './asking/asking.options.js';
import { OrderCarrier } from './asking/order-carrier.js';
import { QueryPoller } from './asking/query-poller.js';
import { ConnectorLine, type LineParts, type LineStatus } from './connector-line.js';
import { EarlyReceipts } from './early-receipts.js';
import { Conversations, type SentMessages } from './inbound/conversations.js';
import { OverdueParts, type OverdueSearch } from './inbound/overdue-parts.js';
import { LeftBehind } from './left-behind.js';
import type { InDoubtSearch } from './receipt-matcher.js';
import { RecentParts } from './recent-parts.js';
import type { Route } from './routing/route.js';
import { type Choice, Router } from './routing/router.js';
import { SendLanes } from './send-lanes.js';
import { SenderSlots } from './sender-slots.js';
import type { Dialled } from './session/wire.js';
import type { ConnectorSet } from './settings/connector-settings.js';
import { WaitingReceipts } from './waiting-receipts.js';

export interface SenderParts {
  readonly lifecycle: MessageLifecycle;
  readonly journal: Journal;
  readonly leases: Leases;
  readonly recorded: RecordedFeed;
  readonly awaiting: AwaitingOutcomeQueries;
  readonly matching: ReceiptMatchingQueries;
  readonly inDoubt: InDoubtSearch;
  readonly sent: SentMessages;
  readonly overdueParts: OverdueSearch;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  /** Told how long each first submit waited since the message was accepted, milliseconds. */
  readonly onFirstSubmit: (delayMs: number) => void;
}

/** What a reload did, by connector name. */
export interface Reloaded {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
}

export class Sender implements LivingPart {
  readonly name = 'sender';
  readonly floor = 'senders';
  private readonly early: EarlyReceipts;
  private readonly overdueParts: OverdueParts;
  private readonly slots: SenderSlots;
  private readonly lanes: SendLanes;
  private readonly lineParts: LineParts;
  /** Group → names of its connectors. */
  private readonly groups = new Map<string, Set<string>>();
  private lines: readonly ConnectorLine[];
  private routes: readonly Route[];
  private router: Router;
  private leftBehind: LeftBehind | undefined;
  private orders: OrderCarrier | undefined;
  private queries: QueryPoller | undefined;
  private reloading: Promise<unknown> = Promise.resolve();
  private state: 'new' | 'running' | 'stopped' = 'new';

  constructor(
    private readonly parts: SenderParts,
    set: ConnectorSet,
  ) {
    const { lifecycle, journal, leases, recorded, awaiting, matching, inDoubt } = parts;
    const { clock, randomness, log, onFirstSubmit } = parts;
    const recent = new RecentParts();
    const waiting = new WaitingReceipts();
    this.early = new EarlyReceipts({
      ...{ lifecycle, recent, waiting, clock, log },
      ledgerOf: (connector) => this.line(connector)?.ledger,
    });
    this.slots = new SenderSlots(leases, clock, SLOT_COUNT, () => {
      this.wake();
    });
    this.lanes = new SendLanes(awaiting, clock, this.slots.slots, {
      connectorFor: (facts) => this.router.connectorFor(facts),
      takers: () => this.lines.filter(({ isAvailable }) => isAvailable).map(({ name }) => name),
    });
    const conversations = new Conversations(journal, parts.sent, clock, randomness);
    this.overdueParts = new OverdueParts(conversations, parts.overdueParts, clock, log);
    this.lineParts = {
      ...{ lifecycle, journal, matching, inDoubt, lanes: this.lanes, recent, waiting },
      membersOf: (group: string) => this.membersOf(group),
      hasAlternative: (connector: string) => this.router.hasAlternative(connector),
      ...{ clock, randomness, log, conversations, onFirstSubmit },
    };
    this.groupUp(set);
    this.lines = set.connectors.map((settings) => new ConnectorLine(this.lineParts, settings));
    this.routes = set.routes;
    this.router = new Router(set.routes, this.lines, randomness);
    recorded.subscribe((events) => {
      if (this.state !== 'running') return;
      const filled = this.lanes.accepted(events);
      for (const line of this.lines) if (filled.has(line.name)) line.roomChanged();
    });
  }

  start(): void {
    const { lifecycle, awaiting, clock, log } = this.parts;
    const sender = this.number;
    this.state = 'running';
    this.leftBehind = new LeftBehind(lifecycle, awaiting, clock, log, {
      sender,
      inDoubtPolicyOf: (connector) => this.line(connector)?.settings.inDoubtPolicy ?? { then: 'hold' },
    });
    const asked: AskedConnectors = {
      get: (name) => this.line(name)?.asked,
      values: () => this.lines.map((line) => line.asked),
    };
    this.orders = new OrderCarrier(lifecycle, awaiting, asked, clock, log, sender);
    this.queries = new QueryPoller(lifecycle, awaiting, asked, clock, log, sender);
    this.leftBehind.start();
    this.overdueParts.start();
    this.slots.start();
    for (const line of this.lines) line.start(sender);
    this.orders.start();
    this.queries.start();
  }

  /** Nothing new leaves; what is on its way is answered and recorded; then the links close. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    await this.reloading.catch(() => undefined);
    await this.slots.stop();
    await Promise.all(this.lines.map((line) => line.stop()));
    await this.early.flush();
    // The lines are drained: no ask is open, what is left is to record the answers.
    await Promise.all([this.orders?.stop(), this.queries?.stop()]);
    await this.leftBehind?.stop();
    await this.overdueParts.stop();
  }

  /**
   * An SMSC opened this connection and invites us to bind over it, which the account of the first
   * connector does. False: not now.
   */
  invited(dialled: Dialled): boolean {
    return this.lines[0]?.invited(dialled) ?? false;
  }

  /** Open messages moved: there may be something to send. */
  wake(): void {
    for (const line of this.lines) line.wake();
    this.orders?.wake();
  }

  /** Submitted parts or parked receipts moved. */
  receiptsMoved(): void {
    for (const line of this.lines) line.receiptsMoved();
  }

  statuses(): readonly LineStatus[] {
    return this.lines.map((line) => line.status());
  }

  /** Undefined when there is no connector of that name. */
  line(name: string): ConnectorLine | undefined {
    return this.lines.find((line) => line.name === name);
  }

  routesInOrder(): readonly Route[] {
    return this.routes;
  }

  /** Which connector such a message would take now, and why. Changes nothing. */
  explain(facts: RouteFacts): Choice {
    return this.router.explain(facts);
  }

  /**
   * Takes over other settings: unchanged connectors stay bound and lose nothing; changed and removed
   * ones are drained and unbound, then the changed and new ones are bound. One reload at a time.
   */
  reload(set: ConnectorSet): Promise<Reloaded> {
    const reloaded = this.reloading.catch(() => undefined).then(() => this.takeOver(set));
    this.reloading = reloaded;
    return reloaded;
  }

  private get number(): string {
    return String(this.parts.leases.processNumber);
  }

  /** Lines keep the sets of their groups: members come and go with reloads. */
  private groupUp({ connectors }: ConnectorSet): void {
    for (const members of this.groups.values()) members.clear();
    for (const { connector, group } of connectors) this.membersOf(group).add(connector.name);
  }

  private membersOf(group: string): Set<string> {
    const members = this.groups.get(group) ?? new Set();
    this.groups.set(group, members);
    return members;
  }

  private async takeOver(set: ConnectorSet): Promise<Reloaded> {
    const { connectors, routes } = set;
    this.groupUp(set);
    const names = new Set(connectors.map(({ connector }) => connector.name));
    const leaving = this.lines.filter(({ name }) => !names.has(name));
    const added: string[] = [];
    const changed: string[] = [];
    const unchanged: string[] = [];
    const lines: ConnectorLine[] = [];
    const starting: { readonly line: ConnectorLine; readonly before: ConnectorLine | undefined }[] = [];
    for (const settings of connectors) {
      const before = this.line(settings.connector.name);
      if (before !== undefined && isDeepStrictEqual(before.settings, settings)) {
        unchanged.push(before.name);
        lines.push(before);
        continue;
      }
      const line = new ConnectorLine(this.lineParts, settings);
      (before === undefined ? added : changed).push(line.name);
      lines.push(line);
      starting.push({ line, before });
    }
    this.lines = lines;
    this.routes = routes;
    this.router = new Router(routes, lines, this.parts.randomness);
    await Promise.all([
      ...leaving.map((line) => line.stop()),
      ...starting.map(async ({ line, before }) => {
        await before?.stop();
        if (this.state === 'running') line.start(this.number);
      }),
    ]);
    this.wake();
    return { added, changed, removed: leaving.map(({ name }) => name), unchanged };
  }
}
