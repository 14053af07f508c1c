// The figures of the connectors as metrics, read when somebody asks. Labels are what the settings name:
// connectors, their binds by number, and words of ours; nothing that a peer could make up but the names
// of command_status, whose number is bounded where they are counted.
import type { Metrics } from '../health/metrics.js';
import type { LineStatus } from '../smpp/connector-line.js';

/** @param lines all of this process: a connector that a reload took away must not leave its last figures */
export function observeLines(metrics: Metrics, lines: readonly LineStatus[]): void {
  for (const gauge of metrics.ofConnectors) gauge.reset();
  for (const line of lines) observeLine(metrics, line);
}

function observeLine(metrics: Metrics, line: LineStatus): void {
  const { name: connector, state, receipts, queued, contractPerSecond, connector: counters } = line;
  metrics.connectorUp.set({ connector }, state === 'bound' ? 1 : 0);
  metrics.bindsUp.set({ connector }, counters.bindsUp);
  metrics.sendQueue.set({ connector }, queued);
  metrics.windowUse.set({ connector }, counters.windowInUse);
  metrics.receiptCommit.set({ connector }, receipts.lastCommitMs / 1000);
  for (const end of ['received', 'recorded', 'parked', 'refused'] as const) {
    metrics.receipts.set({ connector, end }, receipts[end]);
  }
  metrics.accountRefused.set({ connector }, counters.accountRefusedBy === null ? 0 : 1);
  for (const [name, count] of Object.entries(counters.bindRefusals)) {
    metrics.bindRefusals.set({ connector, command_status: name }, count);
  }
  metrics.submitsEnded.set({ connector, end: 'answered' }, counters.submitsAnswered);
  metrics.submitsEnded.set({ connector, end: 'timed-out' }, counters.submitsTimedOut);
  metrics.submitsEnded.set({ connector, end: 'link-lost' }, counters.submitsLinkLost);
  metrics.submitsEnded.set({ connector, end: 'not-sent' }, counters.submitsNotSent);
  for (const [name, count] of Object.entries(counters.answersByStatus)) {
    metrics.commandStatuses.set({ connector, command_status: name }, count);
  }
  observePace(metrics, connector, contractPerSecond, counters);
  for (const [command, ends] of Object.entries(counters.asks)) {
    for (const [end, count] of Object.entries(ends)) metrics.asks.set({ connector, command, end }, count);
  }
  for (const session of counters.sessions) observeSession(metrics, connector, session);
}

/** A series that is not there says: no limit, or not told. Any number would be taken for one. */
function observePace(
  metrics: Metrics,
  connector: string,
  contractPerSecond: number | null,
  { currentSubmitsPerSecond, congestionState }: LineStatus['connector'],
): void {
  if (contractPerSecond !== null) metrics.submitRateContract.set({ connector }, contractPerSecond);
  if (currentSubmitsPerSecond !== null) metrics.submitRate.set({ connector }, currentSubmitsPerSecond);
  if (congestionState !== null) metrics.congestion.set({ connector }, congestionState);
}

function observeSession(
  metrics: Metrics,
  connector: string,
  session: LineStatus['connector']['sessions'][number],
): void {
  const { bind, state } = session;
  const isBound = state === 'BOUND_TRX' || state === 'BOUND_TX' || state === 'BOUND_RX';
  metrics.bindUp.set({ connector, bind }, isBound ? 1 : 0);
  metrics.bindState.set({ connector, bind, state }, 1);
  metrics.bindWindowUse.set({ connector, bind }, session.windowInUse);
  metrics.bindLinksLost.set({ connector, bind }, session.linksLost);
  metrics.bindDelivers.set({ connector, bind }, session.delivers);
  metrics.bindSubmits.set({ connector, bind, end: 'sent' }, session.submits);
  metrics.bindSubmits.set({ connector, bind, end: 'answered' }, session.submitsAnswered);
  metrics.bindSubmits.set({ connector, bind, end: 'timed-out' }, session.submitsTimedOut);
  metrics.bindSubmits.set({ connector, bind, end: 'link-lost' }, session.submitsLinkLost);
}
