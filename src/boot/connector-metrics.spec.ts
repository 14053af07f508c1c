import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLog, ConnectorRecorder } from '../../test/support/connector-recorder.js';
import { FakeWire } from '../../test/support/fake-wire.js';
import { SeededRandomness, VirtualClock } from '../clock/virtual-clock.js';
import { Metrics } from '../health/metrics.js';
import { Connector } from '../smpp/connector.js';
import type { LineStatus } from '../smpp/connector-line.js';
import { observeLines } from './connector-metrics.js';

let metrics: Metrics;

beforeEach(() => {
  metrics = new Metrics();
});
afterEach(() => {
  metrics.close();
});

/** A connector with two binds, the first of them bound. */
async function lineOf(name: string, over: Partial<LineStatus['connector']> = {}): Promise<LineStatus> {
  const wires: FakeWire[] = [];
  const connector = new Connector<never>(
    {
      ...{ name, hosts: [{ host: 'smsc', port: 2775 }], systemId: 'surereach', password: 'secret' },
      ...{ bind: 'transceiver', bindCount: 2, tls: false, windowSize: 10, submitsPerSecond: 100 },
      ...{ interfaceVersion: 0x34, responseTimeoutMs: 10_000, enquireLinkIntervalMs: 30_000 },
      ...{ bindTimeoutMs: 5_000, inactivityTimeoutMs: 0 },
    },
    new VirtualClock(),
    new SeededRandomness(1),
    silentLog,
    new ConnectorRecorder(),
    () => {
      const wire = new FakeWire();
      wires.push(wire);
      return wire.dialled;
    },
  );
  connector.start();
  await wires[0]?.bind();
  return {
    ...{ name, state: 'bound', reason: 'bound', since: '2026-01-01T00:00:00.000Z', queued: 2, submits: 0 },
    contractPerSecond: 100,
    receipts: { received: 4, recorded: 3, parked: 1, refused: 0, lastCommitMs: 20 },
    connector: { ...connector.counters(), ...over },
  };
}

async function seriesOf(lines: readonly LineStatus[]): Promise<readonly string[]> {
  observeLines(metrics, lines);
  return (await metrics.render())
    .split('\n')
    .filter((line) => line.includes('connector="'))
    .map((line) => line.replace('surereach_', ''));
}

describe('the metrics of connectors', () => {
  it('tell state and figures of each bind', async () => {
    const line = await lineOf('main');
    const [first, ...others] = line.connector.sessions;
    if (first === undefined) throw new Error('no bind');
    const busy = { windowInUse: 7, submits: 9, submitsAnswered: 1, submitsTimedOut: 1, delivers: 5 };
    const sessions = [{ ...first, ...busy, linksLost: 2, submitsLinkLost: 3 }, ...others];
    const series = await seriesOf([{ ...line, connector: { ...line.connector, sessions } }]);
    expect(series.filter((one) => one.startsWith('bind_') && one.includes('transceiver-1'))).toEqual([
      'bind_up{connector="main",bind="transceiver-1"} 1',
      'bind_state{connector="main",bind="transceiver-1",state="BOUND_TRX"} 1',
      'bind_submits{connector="main",bind="transceiver-1",end="sent"} 9',
      'bind_submits{connector="main",bind="transceiver-1",end="answered"} 1',
      'bind_submits{connector="main",bind="transceiver-1",end="timed-out"} 1',
      'bind_submits{connector="main",bind="transceiver-1",end="link-lost"} 3',
      'bind_delivers{connector="main",bind="transceiver-1"} 5',
      'bind_window_used{connector="main",bind="transceiver-1"} 7',
      'bind_links_lost{connector="main",bind="transceiver-1"} 2',
    ]);
    expect(series).toContain('bind_up{connector="main",bind="transceiver-2"} 0');
    expect(series).toContain('bind_state{connector="main",bind="transceiver-2",state="CONNECTING"} 1');
  });

  it('show one state of a bind at a time', async () => {
    const line = await lineOf('main');
    await seriesOf([line]);
    const sessions = line.connector.sessions.map((session) => ({ ...session, state: 'CLOSED' as const }));
    const series = await seriesOf([{ ...line, connector: { ...line.connector, sessions } }]);
    expect(series.filter((one) => one.startsWith('bind_state'))).toEqual([
      'bind_state{connector="main",bind="transceiver-1",state="CLOSED"} 1',
      'bind_state{connector="main",bind="transceiver-2",state="CLOSED"} 1',
    ]);
  });

  it('tell the rate, the contract and the congestion, and leave out what there is not', async () => {
    const told = { currentSubmitsPerSecond: 70, congestionState: 95 };
    const paced = (series: readonly string[]): readonly string[] =>
      series.filter((one) => one.startsWith('submit_rate') || one.startsWith('congestion'));
    expect(paced(await seriesOf([await lineOf('main', told)]))).toEqual([
      'submit_rate_per_second{connector="main"} 70',
      'submit_rate_contract_per_second{connector="main"} 100',
      'congestion_state{connector="main"} 95',
    ]);
    const untold = await lineOf('main', { currentSubmitsPerSecond: null });
    expect(paced(await seriesOf([{ ...untold, contractPerSecond: null }]))).toEqual([]);
  });

  it('tell asks by command and end', async () => {
    const line = await lineOf('main');
    const { asks } = line.connector;
    const asked = { ...asks, query_sm: { ...asks.query_sm, refused: 3 } };
    const series = await seriesOf([{ ...line, connector: { ...line.connector, asks: asked } }]);
    expect(series).toContain('asks{connector="main",command="query_sm",end="refused"} 3');
    expect(series.filter((one) => one.startsWith('asks'))).toHaveLength(15);
  });

  it('forget a connector that is there no more', async () => {
    const [one, two] = [await lineOf('one'), await lineOf('two')];
    expect((await seriesOf([one, two])).some((series) => series.includes('"two"'))).toBe(true);
    const left = await seriesOf([one]);
    expect(left.filter((series) => series.includes('"two"'))).toEqual([]);
    expect(left.some((series) => series.includes('"one"'))).toBe(true);
  });
});
