// Every metric of the service, declared in one place so that names, labels and units agree.
// Counters are raised once per batch, not per message; gauges are read when somebody asks.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const PREFIX = 'surereach_';

// An API answer takes 1 ms to some seconds, a bulk upload minutes.
const HTTP_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300];

// From a millisecond to minutes, fine enough to read percentiles off.
const LATENCY_BUCKETS_SECONDS = [
  0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4,
  0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 30, 60, 120, 300,
];

export class Metrics {
  readonly registry = new Registry();

  readonly httpRequests = this.histogram(
    'http_request_duration_seconds',
    'Time from request to answer, by route, method and status.',
    ['route', 'method', 'status'],
    HTTP_BUCKETS_SECONDS,
  );
  readonly messagesAccepted = this.counter(
    'messages_accepted_total',
    'Messages durably accepted, by the way they came in.',
    ['source'],
  );
  readonly messagesRefused = this.counter(
    'messages_refused_total',
    'Messages refused as invalid, by the way they came in.',
    ['source'],
  );
  readonly uploadsUnderWay = this.gauge('uploads_under_way', 'Bulk uploads being read now.', []);

  readonly messageEvents = this.counter(
    'message_events_total',
    'Lifecycle events this process has made durable, by type.',
    ['type'],
  );

  readonly submitsEnded = this.gauge(
    'submits',
    'submit_sm since the start, by connector and end (answered, timed-out, link-lost, not-sent).',
    ['connector', 'end'],
  );
  readonly commandStatuses = this.gauge(
    'submit_command_status',
    'submit_sm_resp since the start, by connector and command_status name.',
    ['connector', 'command_status'],
  );
  readonly connectorUp = this.gauge(
    'connector_up',
    '1 while the connector is bound and not held by an operator.',
    ['connector'],
  );
  readonly bindsUp = this.gauge('binds_up', 'SMPP sessions bound now.', ['connector']);
  readonly bindRefusals = this.gauge(
    'bind_refusals',
    'Binds refused since the start, by connector and command_status name.',
    ['connector', 'command_status'],
  );
  readonly accountRefused = this.gauge(
    'account_refused',
    '1 while the SMSC refuses the account of the connector: somebody must correct its settings.',
    ['connector'],
  );
  readonly sendQueue = this.gauge(
    'send_queue',
    'Messages read ahead and parts attempted, not yet in the window.',
    ['connector'],
  );
  readonly windowUse = this.gauge('send_window_used', 'submit_sm sent and not yet answered.', ['connector']);
  readonly submitRate = this.gauge(
    'submit_rate_per_second',
    'submit_sm per second as throttling and congestion have left it; absent: no limit.',
    ['connector'],
  );
  readonly submitRateContract = this.gauge(
    'submit_rate_contract_per_second',
    'submit_sm per second that the contract allows; absent: no limit.',
    ['connector'],
  );
  readonly congestion = this.gauge(
    'congestion_state',
    'congestion_state as the SMSC told it within the last minute, 0 idle to 100 congested; absent: it did not.',
    ['connector'],
  );
  readonly asks = this.gauge(
    'asks',
    'query_sm, cancel_sm and replace_sm since the start, by end (accepted, refused, timed-out, link-lost, not-sent).',
    ['connector', 'command', 'end'],
  );
  readonly bindUp = this.gauge('bind_up', '1 while the bind is bound.', ['connector', 'bind']);
  readonly bindState = this.gauge(
    'bind_state',
    '1 for the state of SMPP the bind is in; CLOSED between two sessions.',
    ['connector', 'bind', 'state'],
  );
  readonly bindSubmits = this.gauge(
    'bind_submits',
    'submit_sm since the start, by bind: sent, and how they ended (answered, timed-out, link-lost).',
    ['connector', 'bind', 'end'],
  );
  readonly bindDelivers = this.gauge(
    'bind_delivers',
    'deliver_sm and data_sm received since the start, by bind: receipts and messages from phones.',
    ['connector', 'bind'],
  );
  readonly bindWindowUse = this.gauge(
    'bind_window_used',
    'submit_sm sent over the bind and not yet answered.',
    ['connector', 'bind'],
  );
  readonly bindLinksLost = this.gauge(
    'bind_links_lost',
    'Sessions of the bind lost since the start; those that ended in order apart.',
    ['connector', 'bind'],
  );
  readonly quarantined = this.gauge(
    'messages_quarantined',
    'Messages in quarantine now: somebody must release them, or their deadline decides.',
    [],
  );
  readonly queueDepth = this.gauge('queue_depth', 'Open messages by what they wait for.', ['waiting_for']);
  readonly inDoubt = this.counter(
    'submits_in_doubt_total',
    'Submits whose outcome became unknown, by cause.',
    ['cause'],
  );
  readonly receipts = this.gauge(
    'receipts',
    'Delivery receipts since the start, by what became of them (received, recorded, parked, refused).',
    ['connector', 'end'],
  );
  readonly receiptsUnclaimed = this.counter(
    'receipts_unclaimed_total',
    'Parked receipts given up after the match window, by connector and reason (unknown-id, no-id, not-taken).',
    ['connector', 'reason'],
  );
  readonly acceptToSubmit = this.histogram(
    'accept_to_submit_seconds',
    'Time from a message being accepted to its first submit_sm leaving; scheduled messages apart.',
    [],
    LATENCY_BUCKETS_SECONDS,
  );
  readonly receiptToVisible = this.histogram(
    'receipt_to_visible_seconds',
    'Time from a deliver_sm being received to its effect being visible in the status API.',
    [],
    LATENCY_BUCKETS_SECONDS,
  );
  readonly receiptCommit = this.gauge(
    'receipt_commit_seconds',
    'Time from the last deliver_sm to its deliver_sm_resp, which waits for the durable write.',
    ['connector'],
  );

  readonly fallbacks = this.counter('fallback_decisions_total', 'Fallback decisions, by rule and decision.', [
    'rule',
    'decision',
  ]);
  readonly calls = this.gauge(
    'voice_calls',
    'Calls requested since the start, by how the gateway answered (queued, refused, unknown) and calls never reported on.',
    ['gateway', 'end'],
  );
  readonly callsUnderWay = this.gauge('voice_calls_under_way', 'Calls being requested now.', ['gateway']);

  readonly projectionLag = this.gauge('projection_lag_events', 'Events a read model has not yet taken in.', [
    'subscription',
  ]);
  readonly feedRecords = this.counter(
    'feed_records_total',
    'Records of the Kafka feed by their end: acknowledged, or refused by the broker for good.',
    ['end'],
  );
  readonly feedFailures = this.counter(
    'feed_failures_total',
    'Sends to the Kafka feed that were not acknowledged and are made again.',
    [],
  );
  readonly feedLag = this.gauge('feed_lag_events', 'Events of the journal that are not published yet.', []);
  readonly journalEvents = this.gauge('journal_events_appended', 'Events this process has appended.', []);
  readonly journalBatches = this.gauge('journal_batches', 'Durable writes this process has made.', []);
  readonly journalConflicts = this.gauge(
    'journal_conflicts',
    'Appends rejected because the stream had moved on.',
    [],
  );

  /** Those with the label connector that are read when somebody asks: a connector may go with a reload. */
  readonly ofConnectors: readonly Pick<Gauge, 'reset'>[] = [
    ...[this.submitsEnded, this.commandStatuses, this.connectorUp, this.bindsUp, this.bindRefusals],
    ...[this.accountRefused, this.sendQueue, this.windowUse, this.receipts, this.receiptCommit],
    ...[this.submitRate, this.submitRateContract, this.congestion, this.asks],
    ...[this.bindUp, this.bindState, this.bindSubmits, this.bindDelivers],
    ...[this.bindWindowUse, this.bindLinksLost],
  ];

  private readonly beforeRender: (() => void | Promise<void>)[] = [];

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: PREFIX });
  }

  /** `read` runs before every answer of /metrics: the place to set gauges. */
  onRender(read: () => void | Promise<void>): void {
    this.beforeRender.push(read);
  }

  /** The metrics in the Prometheus text format. */
  async render(): Promise<string> {
    await Promise.allSettled(this.beforeRender.map(async (read) => read()));
    return this.registry.metrics();
  }

  /** Releases the registry's observers; the values are gone. */
  close(): void {
    this.registry.clear();
  }

  private counter<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Counter<Label> {
    return new Counter({ name: PREFIX + name, help, labelNames, registers: [this.registry] });
  }

  private gauge<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Gauge<Label> {
    return new Gauge({ name: PREFIX + name, help, labelNames, registers: [this.registry] });
  }

  private histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ): Histogram<Label> {
    return new Histogram({ name: PREFIX + name, help, labelNames, buckets, registers: [this.registry] });
  }
}
