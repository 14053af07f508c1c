// The service as benches measure it: as `npm start` runs it, with everything of its own in a
// folder that goes away, and the one upload that all of them share.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RunningService } from '../service.js';
import { uploadBody } from './upload-body.js';

const LOOK_EVERY_MS = 100;
const GIVE_UP_MS = 600_000;

export interface BatchCounts {
  readonly byStatus: Readonly<Record<string, number>>;
}

export interface SimulatorCounters {
  readonly accepted: number;
  readonly duplicated: number;
}

/** Starts a service, lets it be measured, and clears everything up. */
export async function withBenchService<Result>(
  env: Readonly<Record<string, string>>,
  measure: (service: RunningService) => Promise<Result>,
): Promise<Result> {
  const dataDir = mkdtempSync(join(tmpdir(), 'surereach-bench-'));
  // Run by root, PostgreSQL belongs to another account and must be able to enter; else it would
  // keep its files elsewhere, where nobody clears them up.
  chmodSync(dataDir, 0o711);
  try {
    const service = await RunningService.start({ env: { DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...env } });
    try {
      return await measure(service);
    } finally {
      await service.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** @param from index of the first row; rows of one service need ranges apart */
export async function upload(
  service: RunningService,
  batch: string,
  messages: number,
  from: number,
): Promise<void> {
  const response = await fetch(`${service.url}/v1/messages/bulk?batch=${batch}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: uploadBody(messages, from),
    duplex: 'half',
  });
  const answer = (await response.json()) as { accepted?: number };
  if (answer.accepted !== messages)
    throw new Error(`the upload was not accepted whole: ${JSON.stringify(answer)}`);
}

/** How a batch stands when all of it is delivered, or when that has taken too long. */
export async function untilDelivered(
  service: RunningService,
  batch: string,
  messages: number,
  onLook: () => void = () => undefined,
): Promise<BatchCounts> {
  const nothing: BatchCounts = { byStatus: {} };
  const deadline = performance.now() + GIVE_UP_MS;
  for (;;) {
    onLook();
    // The batch is not there before its first row is.
    const counts = await service.get<BatchCounts>(`/v1/batches/${batch}`).catch(() => nothing);
    if (counts.byStatus['delivered'] === messages || performance.now() > deadline) return counts;
    await delay(LOOK_EVERY_MS);
  }
}

/** Uploads a batch and follows it to its end; the seconds are those of both together. */
export async function uploadAndDeliver(
  service: RunningService,
  batch: string,
  messages: number,
  from: number,
  onLook?: () => void,
): Promise<{ readonly seconds: number; readonly counts: BatchCounts }> {
  const startedMs = performance.now();
  const [counts] = await Promise.all([
    untilDelivered(service, batch, messages, onLook),
    upload(service, batch, messages, from),
  ]);
  return { seconds: (performance.now() - startedMs) / 1000, counts };
}

export async function simulatorCounters(service: RunningService): Promise<SimulatorCounters> {
  const [, url = ''] = /SMSC .* its ledger at (\S+)\/ledger/.exec(service.output) ?? [];
  return (await (await fetch(`${url}/counters`)).json()) as SimulatorCounters;
}

/** For people a table, for programs one line of JSON. */
export function print(result: object, asJson: boolean): void {
  if (asJson) console.log(JSON.stringify(result));
  else console.table(Object.fromEntries(Object.entries(result).map(([name, value]) => [name, cell(value)])));
}

function cell(value: unknown): unknown {
  return typeof value === 'object' ? JSON.stringify(value) : value;
}
