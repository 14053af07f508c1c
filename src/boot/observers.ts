// Ties what the rooms know of themselves to metrics and health. The rooms know neither.
import type { AwaitingOutcomeQueries } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import type { MessageStatusQueries } from '../../projections/message-status/message-status.queries.js';
import type { Subscriptions } from '../../projections/subscriptions.js';
import type { HealthChecks } from '../health/health-checks.js';
import type { Metrics } from '../health/metrics.js';
import type { NewEvent } from '../journal/journal.js';
import type { FallbackDecided } from '../message/message.events.js';
import type { ReceiptUnclaimed } from '../message/receipt.events.js';
import type { SubmitOutcomeUnknown } from '../message/submission.events.js';
import type { Sender } from '../smpp/sender.js';
import type { Caller } from '../voice/caller.js';
import type { VoiceGateway } from '../voice/voice-gateway.js';
import { observeLines } from './connector-metrics.js';
import type { OpenedJournal } from './journal.js';

/** For health: no amount of waiting helps. */
const LOOK = 'the SMSC refuses the account, check its settings; binding again in minutes';

/** Raises the counters for what became durable; called once per append. */
export function countEvents(metrics: Metrics, events: readonly NewEvent[]): void {
  const byType = new Map<string, number>();
  for (const event of events) {
    byType.set(event.type, (byType.get(event.type) ?? 0) + 1);
    if (event.type === 'SubmitOutcomeUnknown') {
      metrics.inDoubt.inc({ cause: (event.data as SubmitOutcomeUnknown).cause });
    } else if (event.type === 'FallbackDecided') {
      const { rule, decision } = event.data as FallbackDecided;
      metrics.fallbacks.inc({ rule, decision });
    } else if (event.type === 'ReceiptUnclaimed') {
      const { connector, reason } = event.data as ReceiptUnclaimed;
      metrics.receiptsUnclaimed.inc({ connector, reason });
    }
  }
  for (const [type, count] of byType) metrics.messageEvents.inc({ type }, count);
}

export interface Observed {
  readonly metrics: Metrics;
  readonly health: HealthChecks;
  readonly sender: Sender | null;
  readonly awaiting: AwaitingOutcomeQueries;
  readonly statuses: MessageStatusQueries;
  readonly subscriptions: Subscriptions;
  readonly journal: OpenedJournal;
  readonly gateway: VoiceGateway;
  readonly caller: Caller;
}

export function observe({
  metrics,
  health,
  sender,
  awaiting,
  statuses,
  subscriptions,
  journal,
  caller,
  gateway,
}: Observed): void {
  const { unit, readyLag } = journal.positions;
  // What the database tells apart from what this process knows: with the database away the latter stays true.
  metrics.onRender(async () => {
    for (const [subscription, lag] of await subscriptions.lags()) {
      metrics.projectionLag.set({ subscription }, Number(lag));
    }
  });
  metrics.onRender(async () => {
    metrics.queueDepth.reset();
    for (const [waitingFor, messages] of Object.entries(await awaiting.depth())) {
      metrics.queueDepth.set({ waiting_for: waitingFor }, messages);
    }
  });
  metrics.onRender(async () => {
    const { byStatus } = await statuses.totals();
    metrics.quarantined.set(byStatus['quarantined'] ?? 0);
  });
  metrics.onRender(() => {
    const { batches, events, conflicts } = journal.counters();
    metrics.journalEvents.set(events);
    metrics.journalBatches.set(batches);
    metrics.journalConflicts.set(conflicts);
    if (sender !== null) observeLines(metrics, sender.statuses());
    const calls = caller.counters();
    for (const end of ['queued', 'refused', 'unknown', 'unreported'] as const) {
      metrics.calls.set({ gateway: gateway.name, end }, calls[end]);
    }
    metrics.callsUnderWay.set({ gateway: gateway.name }, calls.underWay);
  });
  health.add('read models', async () => {
    const behind = [...(await subscriptions.lags())].filter(([, lag]) => lag > readyLag);
    if (behind.length === 0) return { status: 'up' };
    const which = behind.map(([id, lag]) => `${id} by ${String(lag)} ${unit}`).join(', ');
    return { status: 'down', reason: `behind the journal: ${which}; catching up` };
  });
  if (sender === null) return;
  health.add('smpp', () => {
    const idle = sender.statuses().filter(({ state }) => state !== 'bound');
    const which = idle
      .map(({ name, state, reason, connector }) => {
        const next =
          state === 'down' ? (connector.accountRefusedBy === null ? '; binding again' : `; ${LOOK}`) : '';
        return `${name} is ${state}: ${reason}${next}`;
      })
      .join('; ');
    // One connector that sends is enough to be given work; the others are told all the same.
    if (idle.length === sender.statuses().length) return { status: 'down', reason: which };
    return idle.length === 0 ? { status: 'up' } : { status: 'up', detail: which };
  });
}
