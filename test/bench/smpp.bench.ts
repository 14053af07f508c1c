// How fast the ESME is, alone: connectors of the service against the SMSC simulator in its own
// process, over loopback, without a journal. A message counts when its submit_sm_resp and its receipt
// are there and the receipt is read and acknowledged.
//
//   npm run bench -- smpp [--messages 300000] [--window 100] [--rounds 3] [--json]
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SystemClock, SystemRandomness } from '../../src/clock/system-clock.js';
import { Connector, type SubmitSm } from '../../src/smpp/connector.js';
import { readDeliveryReceipt } from '../../src/smpp/pdu/delivery-receipt.js';
import { PackageEsme } from '../support/package-esme.js';
import { startProcess } from '../support/processes.js';

const SIMULATOR = fileURLToPath(new URL('../../src/simulators/smsc/main.js', import.meta.url));

interface Variant {
  readonly connectors: number;
  readonly window: number;
  readonly messages: number;
  readonly receipts: boolean;
  /** How long the SMSC takes for every answer. */
  readonly responseDelayMs: number;
}

interface Measurement {
  readonly submitsPerSecond: number;
  readonly cpuMicrosPerMessage: number;
}

/** Enough for the compiler of both processes to settle. */
const WARM_UP_MESSAGES = 50_000;

/** Two seconds of them. */
const BARE_SUBMITS = 100;

const silent = (): void => undefined;
const LOG = { info: silent, warn: silent, error: console.error, debug: silent };

const SHORT_MESSAGE = Buffer.from(
  'Dear customer, your parcel leaves our depot tomorrow between 9 and 12. Please have your code ready: it is printed on the card that came with the order.',
  'latin1',
);

/** Sends until `wanted` messages are over, and says so. */
class Load {
  private sent = 0;
  private over = 0;
  private wanted = 0;
  private done: () => void = silent;
  private failed: (error: Error) => void = silent;
  private readonly connectors: Connector<number>[] = [];

  constructor(private readonly needsReceipt: boolean) {}

  async bind(port: number, { connectors, window }: Variant): Promise<void> {
    const bound = Array.from({ length: connectors }, (_, index) => this.connect(port, index, window));
    await Promise.all(bound);
  }

  run(messages: number): Promise<void> {
    this.sent = 0;
    this.over = 0;
    this.wanted = messages;
    const done = new Promise<void>((resolve, reject) => {
      this.done = resolve;
      // A connector survives a listener that throws: what is wrong must be told another way.
      this.failed = reject;
    });
    for (const connector of this.connectors) this.fill(connector);
    return done;
  }

  async stop(): Promise<void> {
    await Promise.all(this.connectors.map((connector) => connector.stop()));
  }

  private connect(port: number, index: number, windowSize: number): Promise<void> {
    return new Promise((resolve) => {
      const connector = new Connector<number>(
        {
          name: `c${String(index)}`,
          hosts: [{ host: '127.0.0.1', port }],
          systemId: 'surereach',
          password: 'surereach',
          bind: 'transceiver',
          tls: false,
          windowSize,
          submitsPerSecond: null,
          responseTimeoutMs: 60_000,
          enquireLinkIntervalMs: 60_000,
          bindTimeoutMs: 10_000,
          inactivityTimeoutMs: 0,
          interfaceVersion: 0x34,
        },
        new SystemClock(),
        new SystemRandomness(),
        LOG,
        {
          submitsEnded: (ends) => {
            for (const { end } of ends) {
              if (end.end !== 'answered' || end.commandStatus !== 0) {
                this.failed(new Error(`a submit ended as ${JSON.stringify(end)}`));
              }
            }
            if (!this.needsReceipt) this.count(ends.length);
            this.fill(connector);
          },
          submitAnsweredLate: silent,
          delivered: (delivers) => {
            for (const deliver of delivers) {
              const read = readDeliveryReceipt(deliver.pdu);
              if (!read.isReceipt || read.state !== 'delivered') {
                this.failed(new Error(`not the receipt of a delivery: ${JSON.stringify(read)}`));
              }
              deliver.respond(0);
            }
            this.count(delivers.length);
          },
          capacityChanged: () => {
            this.fill(connector);
          },
          stateChanged: (state) => {
            if (state === 'bound') resolve();
          },
        },
      );
      this.connectors.push(connector);
      connector.start();
    });
  }

  private fill(connector: Connector<number>): void {
    const count = Math.min(connector.capacity(), this.wanted - this.sent);
    if (count <= 0) return;
    const items = Array.from({ length: count }, () => {
      const tag = this.sent++;
      return { pdu: submitSm(tag, this.needsReceipt), tag };
    });
    connector.submit(items);
  }

  private count(messages: number): void {
    this.over += messages;
    if (this.over === this.wanted) this.done();
  }
}

function submitSm(tag: number, receipt: boolean): SubmitSm {
  return {
    serviceType: '',
    sourceTon: 0,
    sourceNpi: 0,
    sourceAddr: '20414',
    destTon: 1,
    destNpi: 1,
    // Ends in 0: the simulator delivers those.
    destAddr: `2547${String(tag % 10_000_000).padStart(7, '0')}0`,
    esmClass: 0,
    protocolId: 0,
    priorityFlag: 1,
    validityPeriod: '',
    registeredDelivery: receipt ? 1 : 0,
    dataCoding: 0,
    shortMessage: SHORT_MESSAGE,
  };
}

function startSimulator(responseDelayMs: number): ReturnType<typeof startProcess> {
  return startProcess(SIMULATOR, [
    ...['--port', '0', '--http-port', '0', '--ledger', 'off', '--receipt-delay-ms', '0'],
    ...(responseDelayMs === 0 ? [] : ['--response-delay-ms', String(responseDelayMs)]),
  ]);
}

async function measure(variant: Variant): Promise<Measurement> {
  const simulator = await startSimulator(variant.responseDelayMs);
  const load = new Load(variant.receipts);
  try {
    await load.bind(simulator.number('port'), variant);
    await load.run(Math.min(WARM_UP_MESSAGES, variant.messages));
    const cpu = process.cpuUsage();
    const startedMs = performance.now();
    await load.run(variant.messages);
    const seconds = (performance.now() - startedMs) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return {
      submitsPerSecond: variant.messages / seconds,
      cpuMicrosPerMessage: (user + system) / variant.messages,
    };
  } finally {
    await load.stop();
    await simulator.stop();
  }
}

/** How long the SMSC takes for an answer as an ESME of others sees it that sends one at a time: milliseconds. */
async function bareLatencyMs(responseDelayMs: number): Promise<number> {
  const simulator = await startSimulator(responseDelayMs);
  try {
    const esme = await PackageEsme.bound(simulator.number('port'));
    const latencies: number[] = [];
    for (let nth = 0; nth < BARE_SUBMITS; nth++) {
      const sentMs = performance.now();
      await esme.request('submit_sm', {
        destination_addr: '254722000000',
        short_message: 'x',
        registered_delivery: 0,
      });
      latencies.push(performance.now() - sentMs);
    }
    esme.destroy();
    return Number((latencies.reduce((sum, ms) => sum + ms, 0) / latencies.length).toFixed(2));
  } finally {
    await simulator.stop();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '300000' },
    window: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const messages = Number(values.messages);
const window = Number(values.window);
const rounds = Number(values.rounds);

async function medianOf(variant: Variant): Promise<Measurement> {
  const found: Measurement[] = [];
  for (let round = 0; round < rounds; round++) found.push(await measure(variant));
  return {
    submitsPerSecond: Math.round(median(found.map((one) => one.submitsPerSecond))),
    cpuMicrosPerMessage: Number(median(found.map((one) => one.cpuMicrosPerMessage)).toFixed(2)),
  };
}

const plain = { window, messages, receipts: true, responseDelayMs: 0 };
const one = await medianOf({ ...plain, connectors: 1 });
const four = await medianOf({ ...plain, connectors: 4, window: Math.max(1, Math.round(window / 4)) });
const fourFull = await medianOf({ ...plain, connectors: 4 });

/** Window 10 over a link of 20 ms: 500 a second, if answers came after 20 ms exactly. */
const NARROW = { connectors: 1, window: 10, messages: 2_500, receipts: false, responseDelayMs: 20 };
const narrow = await medianOf(NARROW);
const latencyMs = await bareLatencyMs(NARROW.responseDelayMs);
const share = (ofLatencyMs: number): number =>
  Number((narrow.submitsPerSecond / ((NARROW.window * 1000) / ofLatencyMs)).toFixed(3));
const [shareOfPossible, shareOfNominal] = [share(latencyMs), share(NARROW.responseDelayMs)];

if (!values.json) {
  console.log(`median of ${values.rounds} rounds, ${values.messages} messages each, Node ${process.version}`);
  console.table([
    { variant: 'one connector', window, ...one },
    { variant: 'four connectors, the same window in all', window: window / 4, ...four },
    { variant: 'four connectors', window, ...fourFull },
    {
      variant: `window 10, ${String(latencyMs)} ms: ${String(shareOfPossible)} of window / latency`,
      window: 10,
      ...narrow,
    },
  ]);
}
console.log(
  JSON.stringify({
    bench: 'smpp',
    ...one,
    window,
    connectors: 1,
    fourConnectors: { ...fourFull, sameWindowInAll: four },
    windowTenAtTwentyMs: {
      submitsPerSecond: narrow.submitsPerSecond,
      latencyMs,
      shareOfPossible,
      shareOfNominal,
    },
    messages,
    rounds,
    node: process.version,
  }),
);
