// Receipts into the journal: deliver_sm → listener → recorded → deliver_sm_resp, with a million open
// messages in a real PostgreSQL (embedded, fsync on) and nothing of them in memory. A share of the
// receipts comes before the submit_sm_resp: those are parked, and brought when the response is there.
//
//   npm run bench -- --receipts [--json]
//   npm run bench -- --receipts --open 1000000 --rate 10000 --seconds 5 --early 0.1
//
// Receipts are offered at a fixed rate whatever is answered, and every latency counts from when the
// receipt was due, so that a pause shows in all that it held up. `brought` is from deliver_sm to the
// delivered message of those that were parked; the submit_sm_resp comes --answer-ms after the receipt.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Pool } from 'pg';
import {
  RECEIPT_MATCHING,
  ReceiptMatchingProjection,
} from '../../projections/receipt-matching/receipt-matching.projection.js';
import { ReceiptMatchingQueries } from '../../projections/receipt-matching/receipt-matching.queries.js';
import { MIGRATIONS } from '../../src/boot/migrations.js';
import { SystemClock, SystemRandomness } from '../../src/clock/system-clock.js';
import { createLog } from '../../src/health/log.js';
import { PostgresJournal } from '../../src/journal/postgres/postgres-journal.js';
import { JournaledLifecycle } from '../../src/lifecycle/journaled-lifecycle.js';
import type { RecordSubmission } from '../../src/message/message.commands.js';
import type { MessageDelivered } from '../../src/message/message.events.js';
import { EmbeddedPostgres } from '../../src/postgres/embedded-postgres.js';
import { migrate } from '../../src/postgres/migrate.js';
import { openPool } from '../../src/postgres/postgres.js';
import { encodePdu } from '../../src/smpp/link.js';
import { DeliverSm, readDeliverSm } from '../../src/smpp/pdu/deliver-sm.js';
import { DEFAULT_DIALECT } from '../../src/smpp/pdu/receipt-options.js';
import { EarlyReceipts } from '../../src/smpp/early-receipts.js';
import { ReceiptLedger } from '../../src/smpp/receipt-ledger.js';
import { ReceiptListener } from '../../src/smpp/receipt-listener.js';
import { ReceiptMatcher } from '../../src/smpp/receipt-matcher.js';
import { RecentParts } from '../../src/smpp/recent-parts.js';
import { SubmissionRecorder } from '../../src/smpp/submission-recorder.js';
import { WaitingReceipts } from '../../src/smpp/waiting-receipts.js';
import { Leases } from '../../src/subscription/leases.js';
import { Subscription } from '../../src/subscription/subscription.js';
import { fillOpenMessages, messageIdOf, phoneOf, smscIdOf } from '../support/load/open-messages.js';
import { cpuOf } from '../support/load/process-tree.js';

const { values } = parseArgs({
  options: {
    open: { type: 'string', default: '1000000' },
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '5' },
    early: { type: 'string', default: '0.1' },
    'answer-ms': { type: 'string', default: '200' },
    json: { type: 'boolean', default: false },
  },
});
const open = Number(values.open);
const rate = Number(values.rate);
const earlyShare = Number(values.early);
const answerMs = Number(values['answer-ms']);
const total = rate * Number(values.seconds);
const earlyTotal = Math.round(total * earlyShare);

const CONNECTOR = 'default';
/** As production reads (projections.module.ts). */
const READING = { batchSize: 10_000, pauseMs: 25, loadedPauseMs: 300, loadedBatchSize: 500 };
const WARM_UP = 2_000;
/** One read of a socket at this rate brings about so many. */
const TICK_MS = 5;
/** After the last receipt was answered; what has not come by then never does. */
const BROUGHT_WITHIN_MS = 60_000;

const clock = new SystemClock();
const randomness = new SystemRandomness();
const log = createLog('warn');

/** Spread over the table: neighbours in time are no neighbours in the index. */
function answeredNumber(index: number): number {
  const answered = open - earlyTotal;
  return ((index * 7_919) % answered) + 1;
}

interface Due {
  readonly number: number;
  readonly octets: Buffer;
  readonly isEarly: boolean;
}

function dueReceipt(number: number, isEarly: boolean): Due {
  const id = smscIdOf(number);
  const octets = encodePdu('deliver_sm', (number % 0x7fffffff) + 1, {
    source_addr: phoneOf(number),
    destination_addr: 'SureReach',
    esm_class: 4,
    short_message: Buffer.from(
      `id:${id} sub:001 dlvrd:001 submit date:2611210140 done date:2611210141 stat:DELIVRD err:000 text:Your card was used`,
    ),
    receipted_message_id: id,
    message_state: 2,
  });
  return { number, octets, isEarly };
}

function quantiles(ms: number[]): { readonly p50Ms: number; readonly p99Ms: number } {
  ms.sort((a, b) => a - b);
  const at = (share: number): number => Math.round((ms[Math.floor(ms.length * share)] ?? NaN) * 10) / 10;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function measure(pool: Pool, url: string): Promise<object> {
  const journal = new PostgresJournal({ url, pool, clock });
  const dueAtMs = new Map<string, number>();
  const broughtMs: number[] = [];
  let brought: () => void = () => undefined;
  const allBrought = new Promise<void>((resolve) => (brought = resolve));
  const early = new Set<string>();
  const lifecycle = new JournaledLifecycle(journal, clock, randomness, (events) => {
    for (const { type, data } of events) {
      if (type !== 'MessageDelivered') continue;
      const { smscMessageId } = (data as MessageDelivered).receipt;
      if (!early.delete(smscMessageId)) continue;
      broughtMs.push(clock.monotonicMs() - (dueAtMs.get(smscMessageId) ?? 0));
      if (early.size === 0) brought();
    }
  });
  const recorder = new SubmissionRecorder(lifecycle, clock, log, () => undefined);
  const queries = new ReceiptMatchingQueries(pool);
  const ledger = new ReceiptLedger(journal, CONNECTOR, clock, randomness);
  const waiting = new WaitingReceipts();
  const recent = new RecentParts();
  const earlyReceipts = new EarlyReceipts({
    ...{ lifecycle, recent, waiting, clock, log },
    ledgerOf: () => ledger,
  });
  const nobody = { inDoubtTo: () => Promise.resolve([]) };
  const of = { connector: CONNECTOR, groupConnectors: new Set([CONNECTOR]) };
  const matcher = new ReceiptMatcher(of, lifecycle, queries, nobody, ledger, waiting, clock, log);
  const from = { connector: CONNECTOR, group: CONNECTOR, dialect: DEFAULT_DIALECT };
  const listener = new ReceiptListener(
    from,
    lifecycle,
    queries,
    recent,
    waiting,
    ledger,
    clock,
    log,
    () => {
      matcher.parked();
    },
    // Nothing but receipts is delivered here.
    { received: () => Promise.resolve() },
  );
  const leases = new Leases(pool, clock, log);
  await leases.start();
  const reader = new Subscription(
    journal,
    pool,
    leases,
    clock,
    log,
    { id: RECEIPT_MATCHING, ...READING },
    new ReceiptMatchingProjection(),
  );
  reader.onMoved(() => {
    matcher.wake();
  });
  reader.start();
  matcher.start();

  const deliver = (due: readonly Due[], dueMs: number, answered: (status: number) => void): void => {
    listener.delivered(
      due.map(({ octets, number }) => {
        const pdu = readDeliverSm(octets, 0, octets.length);
        if (!(pdu instanceof DeliverSm)) throw new Error('not a deliver_sm');
        dueAtMs.set(smscIdOf(number), dueMs);
        return { pdu, respond: answered };
      }),
    );
  };
  const respondTo = (due: readonly Due[]): void => {
    const commands = due.map(({ number }): RecordSubmission => ({
      type: 'RecordSubmission',
      messageId: messageIdOf(number),
      at: clock.isoNow(),
      attempt: 1,
      connector: CONNECTOR,
      inDoubtPolicy: { then: 'hold' },
      results: [{ part: 1, end: 'submitted', smscMessageId: smscIdOf(number) }],
    }));
    for (const { number } of due)
      recent.remember(CONNECTOR, smscIdOf(number), { messageId: messageIdOf(number), part: 1 });
    recorder.record(commands);
  };

  for (let sent = 0; sent < WARM_UP; sent += 100) {
    const due = Array.from({ length: 100 }, (_, n) => dueReceipt(answeredNumber(total + sent + n), false));
    deliver(due, clock.monotonicMs(), () => undefined);
    await listener.flush();
  }

  let unanswered = open - earlyTotal;
  const every = earlyTotal === 0 ? Infinity : Math.round(total / earlyTotal);
  const receipts = Array.from({ length: total }, (_, index) => {
    const isEarly = index % every === 0 && unanswered < open;
    if (isEarly) unanswered += 1;
    const number = isEarly ? unanswered : answeredNumber(index);
    if (isEarly) early.add(smscIdOf(number));
    return dueReceipt(number, isEarly);
  });
  const counted = { ...listener.counts };
  const cpuBefore = cpuOf(process.pid);
  const startedMs = clock.monotonicMs();
  const recordedMs: number[] = [];
  const refusals: number[] = [];
  let lastAnswerMs = startedMs;
  for (let sent = 0; sent < total;) {
    await clock.wait(TICK_MS);
    const dueCount = Math.min(total, Math.floor(((clock.monotonicMs() - startedMs) * rate) / 1000));
    if (dueCount <= sent) continue;
    const due = receipts.slice(sent, dueCount);
    // The oldest of this read was due then; the others a little later.
    const dueMs = startedMs + (sent * 1000) / rate;
    sent = dueCount;
    deliver(due, dueMs, (status) => {
      lastAnswerMs = clock.monotonicMs();
      recordedMs.push(lastAnswerMs - dueMs);
      if (status !== 0) refusals.push(status);
    });
    const isEarly = due.filter((one) => one.isEarly);
    if (isEarly.length > 0)
      clock.after(answerMs, () => {
        respondTo(isEarly);
      });
  }
  await listener.flush();
  const seconds = (lastAnswerMs - startedMs) / 1000;
  if (earlyTotal > 0) {
    const late = clock.wait(BROUGHT_WITHIN_MS).then(() => {
      throw new Error(`${String(early.size)} parked receipts were not brought in time`);
    });
    await Promise.race([allBrought, late]);
  }
  const cpuAfter = cpuOf(process.pid);
  const perReceipt = (part: 'service' | 'postgres'): number =>
    Math.round(((cpuAfter[part] - cpuBefore[part]) / total) * 1e7) / 10;
  const result = {
    openMessages: open,
    offeredPerSecond: rate,
    recordedPerSecond: Math.round(total / seconds),
    receipts: total,
    recorded: quantiles(recordedMs),
    refused: refusals.length,
    parked: listener.counts.parked - counted.parked,
    brought: { receipts: broughtMs.length, afterAnswerMs: answerMs, ...quantiles(broughtMs) },
    cpuUsPerReceipt: { node: perReceipt('service'), postgres: perReceipt('postgres') },
  };
  await earlyReceipts.flush();
  await matcher.stop();
  await reader.stop();
  await leases.stop();
  await journal.close();
  return result;
}

const folder = mkdtempSync(join(tmpdir(), 'surereach-bench-'));
chmodSync(folder, 0o711);
const postgres = await EmbeddedPostgres.start({ dataDir: folder, clock, randomness });
try {
  // The compiled bench stands in a folder of its own, which has no SQL.
  const migrations = MIGRATIONS.map(({ room, folder: compiled }) => ({
    room,
    folder: compiled.replace('/.data/bench-dist/', '/'),
  }));
  await migrate(postgres.url, migrations);
  const pool = openPool({ url: postgres.url, applicationName: 'bench', statementTimeoutMs: 0 });
  const fillingMs = clock.monotonicMs();
  await fillOpenMessages(pool, {
    count: open,
    unanswered: earlyTotal,
    connector: CONNECTOR,
    at: clock.isoNow(),
  });
  if (!values.json)
    console.log(
      `filled ${values.open} open messages in ${((clock.monotonicMs() - fillingMs) / 1000).toFixed(0)} s`,
    );
  console.log(JSON.stringify(await measure(pool, postgres.url), null, values.json ? 0 : 2));
  await pool.end();
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
