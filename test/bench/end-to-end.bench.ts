// From the upload to `delivered` in the read model: the whole service as `npm start` runs it, all
// roles, embedded PostgreSQL with fsync, the SMSC simulator in its own process.
//
//   npm run bench [-- --json]                 50,000 messages
//   npm run bench -- --end-to-end --messages 200000 --window 1000
//
// What is measured: from the first octet of the upload until the read model counts the last message
// as delivered. Percentiles come from the service's own histograms, by the buckets they fall in.
// A warm-up upload goes before; it is not counted.
import { parseArgs } from 'node:util';
import {
  print,
  simulatorCounters,
  untilDelivered,
  upload,
  uploadAndDeliver,
  withBenchService,
} from '../support/load/bench-service.js';
import { histogramOf, percentileMs, type Buckets } from '../support/load/histogram.js';
import { cpuOf, rssMbOf, type Usage } from '../support/load/process-tree.js';
import type { RunningService } from '../support/service.js';

const WARM_UP_MESSAGES = 5_000;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '50000' },
    window: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

async function metrics(service: RunningService): Promise<{ submit: Buckets; receipt: Buckets }> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return {
    submit: histogramOf(text, 'surereach_accept_to_submit_seconds'),
    receipt: histogramOf(text, 'surereach_receipt_to_visible_seconds'),
  };
}

async function reading(service: RunningService) {
  return {
    cpu: cpuOf(service.pid),
    metrics: await metrics(service),
    simulator: await simulatorCounters(service),
  };
}

async function measure(service: RunningService, messages: number): Promise<object> {
  await upload(service, 'warm-up', WARM_UP_MESSAGES, 0);
  await untilDelivered(service, 'warm-up', WARM_UP_MESSAGES);
  const before = await reading(service);
  let peakRssMb = 0;
  const { seconds, counts } = await uploadAndDeliver(service, 'measured', messages, WARM_UP_MESSAGES, () => {
    peakRssMb = Math.max(peakRssMb, rssMbOf(service.pid));
  });
  const after = await reading(service);
  const per10k = (part: keyof Usage): number =>
    Number(((after.cpu[part] - before.cpu[part]) / (messages / 10_000)).toFixed(2));
  const percentile = (of: 'submit' | 'receipt', share: number): number =>
    percentileMs(before.metrics[of], after.metrics[of], share);
  const inState = (status: string): number => counts.byStatus[status] ?? 0;
  return {
    messages,
    seconds: Number(seconds.toFixed(2)),
    messagesPerSecond: Math.round(messages / seconds),
    submitP50Ms: percentile('submit', 0.5),
    submitP99Ms: percentile('submit', 0.99),
    receiptP50Ms: percentile('receipt', 0.5),
    receiptP99Ms: percentile('receipt', 0.99),
    cpuSecondsPer10k: {
      service: per10k('service'),
      postgres: per10k('postgres'),
      simulator: per10k('simulator'),
    },
    peakRssMb: Math.round(peakRssMb),
    lost: messages - inState('delivered') - inState('in-doubt'),
    duplicated: after.simulator.duplicated - before.simulator.duplicated,
    inDoubt: inState('in-doubt'),
  };
}

const env = values.window === undefined ? {} : { SMPP_WINDOW: values.window };
print(await withBenchService(env, (service) => measure(service, Number(values.messages))), values.json);
