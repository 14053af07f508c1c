import { afterEach, describe, expect, it } from '@jest/globals';
import { ConnectorRecorder, silentLog, submitSm, submitSms } from '../../test/support/connector-recorder.js';
import { FakeWire } from '../../test/support/fake-wire.js';
import { SeededRandomness, VirtualClock } from '../clock/virtual-clock.js';
import { Connector } from './connector.js';
import type { ConnectorOptions } from './connector.options.js';
import { encodePdu } from './link.js';
import { ConnectorOptionError } from './smpp.errors.js';

const OPTIONS: ConnectorOptions = {
  name: 'main',
  hosts: [{ host: 'smsc.example.com', port: 2775 }],
  systemId: 'surereach',
  password: 's3cret-marker',
  bind: 'transceiver',
  tls: false,
  windowSize: 10,
  submitsPerSecond: null,
  responseTimeoutMs: 10_000,
  enquireLinkIntervalMs: 30_000,
  bindTimeoutMs: 5000,
  inactivityTimeoutMs: 0,
  interfaceVersion: 0x34,
};

/** A connector whose every dial gives a new in-memory wire. */
function newConnector(overrides: Partial<ConnectorOptions> = {}) {
  const clock = new VirtualClock();
  const recorder = new ConnectorRecorder();
  const wires: FakeWire[] = [];
  const targets: string[] = [];
  const logged: unknown[] = [];
  const keep = (...line: readonly unknown[]): void => void logged.push(line);
  const log = { info: keep, warn: keep, error: keep, debug: keep };
  const connector = new Connector<string>(
    { ...OPTIONS, ...overrides },
    clock,
    new SeededRandomness(1),
    log,
    recorder,
    ({ host }) => {
      const wire = new FakeWire();
      wires.push(wire);
      targets.push(host);
      return wire.dialled;
    },
  );
  const wire = (index = wires.length - 1): FakeWire => {
    const found = wires[index];
    if (found === undefined) throw new Error(`nothing was dialled ${String(index + 1)} times`);
    return found;
  };
  return { clock, recorder, wires, targets, wire, logged, connector };
}

async function boundConnector(overrides: Partial<ConnectorOptions> = {}) {
  const made = newConnector(overrides);
  made.connector.start();
  await made.wire().bind();
  return made;
}

/** The SMSC answers every submit_sm received since the last look. */
async function answerAll(wire: FakeWire, commandStatus = 0): Promise<number> {
  const submits = (await wire.received()).filter(({ command }) => command === 'submit_sm');
  wire.send(
    ...submits.map(({ sequenceNumber }) =>
      encodePdu('submit_sm_resp', sequenceNumber, {
        command_status: commandStatus,
        message_id: `id-${String(sequenceNumber)}`,
      }),
    ),
  );
  return submits.length;
}

const ticked = (): Promise<void> =>
  new Promise((resolve) => {
    process.nextTick(resolve);
  });

describe('Connector', () => {
  it('offers capacity from the bind on, and says so', async () => {
    const { connector, recorder, wire } = newConnector();
    expect(connector.capacity()).toBe(0);
    connector.start();
    expect(connector.capacity()).toBe(0);
    await wire().bind();
    expect(connector.capacity()).toBe(10);
    expect(recorder.states.map(({ state }) => state)).toEqual(['down', 'bound']);
    expect(recorder.capacityCalls).toBe(1);
  });

  it('ends what exceeds its capacity as not sent, and never within the call', async () => {
    const { connector, recorder, wire } = await boundConnector({ windowSize: 2 });
    connector.submit(submitSms(4));
    expect(recorder.outcomes).toEqual([]);
    await ticked();
    expect(recorder.outcomes).toEqual(['m3 not-sent', 'm4 not-sent']);
    expect(await answerAll(wire())).toBe(2);
    expect(recorder.outcomes.slice(2)).toEqual(['m1 answered 0 id-2', 'm2 answered 0 id-3']);
  });

  it('ends everything as not sent while it is down', async () => {
    const { connector, recorder } = newConnector();
    connector.submit(submitSms(2));
    await ticked();
    expect(recorder.outcomes).toEqual(['m1 not-sent', 'm2 not-sent']);
  });

  it('names the fault of a PDU that can never be sent', async () => {
    const { connector, recorder } = await boundConnector();
    connector.submit([submitSm('bad', { sourceAddr: 'Åsa' })]);
    await ticked();
    expect(recorder.ends).toEqual([
      {
        tag: 'bad',
        end: {
          end: 'not-sent',
          unsendable: { commandStatus: 0x0a, detail: expect.stringContaining('sourceAddr') },
        },
      },
    ]);
  });

  it('tells the answers of one read in one list, then that there is room', async () => {
    const { connector, recorder, wire } = await boundConnector();
    connector.submit(submitSms(10));
    expect(connector.capacity()).toBe(0);
    const before = recorder.capacityCalls;
    await answerAll(wire());
    expect(recorder.listSizes).toEqual([10]);
    expect(recorder.capacityCalls - before).toBe(1);
  });

  it('rebinds on a new socket after a pause, with nothing of the old session left', async () => {
    const { clock, connector, recorder, wires, wire } = await boundConnector();
    connector.submit(submitSms(1));
    await wire().received();
    clock.advance(20_000);
    wire(0).lose('read ECONNRESET');
    expect(recorder.outcomes).toEqual(['m1 timed-out']);
    expect(recorder.states.at(-1)).toEqual({
      state: 'down',
      reason: expect.stringContaining('read ECONNRESET'),
    });
    expect(wires).toHaveLength(1);
    clock.advance(1000);
    expect(wires).toHaveLength(2);
    await wire().bind();
    expect(connector.capacity()).toBe(10);
    wire().send(encodePdu('submit_sm_resp', 2, { message_id: 'of the old session' }));
    expect(recorder.lateAnswers).toEqual([]);
  });

  it('tries a refused account a minute later, not a second later', async () => {
    const { clock, connector, wires, wire } = newConnector({ connectTimeoutMs: 600_000 });
    connector.start();
    wire().connect();
    await wire().received();
    wire().send(encodePdu('bind_transceiver_resp', 1, { command_status: 0x0e }));
    clock.advance(29_999);
    expect(wires).toHaveLength(1);
    clock.advance(30_001);
    expect(wires).toHaveLength(2);
  });

  it.each([0x0d, 0x0e, 0x0f, 0x53, 0x03])(
    'says so, once per refusal, when the account is refused with status %d, and binds in minutes',
    async (command_status) => {
      const { clock, connector, wires, wire, logged } = newConnector({ connectTimeoutMs: 600_000 });
      const refuse = async (): Promise<void> => {
        wire().connect();
        await wire().received();
        wire().send(encodePdu('bind_transceiver_resp', 1, { command_status }));
      };
      connector.start();
      await refuse();
      clock.advance(60_000);
      await refuse();
      expect(wires).toHaveLength(2);
      clock.advance(59_999);
      expect(wires).toHaveLength(2);
      const refusals = JSON.stringify(logged).split('the SMSC refuses the account').length - 1;
      expect(refusals).toBe(2);
      const { accountRefusedBy, bindRefusals } = connector.counters();
      expect(accountRefusedBy).toMatch(/^ESME_\w+ \(/);
      expect(Object.values(bindRefusals)).toEqual([2]);
      clock.advance(60_001);
      await wire().bind();
      expect(connector.counters().accountRefusedBy).toBeNull();
    },
  );

  it('waits for its old session when the SMSC says that the account is bound already', async () => {
    const { clock, connector, wires, wire } = newConnector({ connectTimeoutMs: 600_000 });
    connector.start();
    wire().connect();
    await wire().received();
    wire().send(encodePdu('bind_transceiver_resp', 1, { command_status: 0x05 }));
    clock.advance(4_999);
    expect(wires).toHaveLength(1);
    clock.advance(5_001);
    expect(wires).toHaveLength(2);
    expect(connector.counters().accountRefusedBy).toBeNull();
  });

  it('binds again at once, and fails nothing, when the SMSC says that the session is not bound', async () => {
    const { clock, connector, recorder, wires, wire } = await boundConnector();
    connector.submit(submitSms(1));
    await answerAll(wire(), 0x04);
    await wire().received();
    wire().lose();
    expect(recorder.outcomes).toEqual(['m1 answered 4']);
    expect(connector.meaningOf(0x04).class).toBe('session');
    clock.advance(1_000);
    expect(wires).toHaveLength(2);
  });

  it('takes the codes as its SMSC means them', async () => {
    const statusOverrides = { '0x401': { class: 'throttle' as const } };
    const { clock, connector, wire } = await boundConnector({ submitsPerSecond: 1000, statusOverrides });
    clock.advance(10);
    connector.submit(submitSms(5));
    await answerAll(wire(), 0x401);
    expect(connector.counters().currentSubmitsPerSecond).toBe(700);
    expect(() => newConnector({ statusOverrides: { '0x00': { class: 'retry' } } })).toThrow(
      ConnectorOptionError,
    );
  });

  it('never logs the password', async () => {
    const { clock, connector, logged, wire } = newConnector();
    connector.start();
    wire().connect();
    await wire().received();
    wire().send(encodePdu('bind_transceiver_resp', 1, { command_status: 0x0e }));
    clock.advance(120_000);
    expect(logged.length).toBeGreaterThan(3);
    expect(JSON.stringify(logged)).not.toContain(OPTIONS.password);
  });

  it('as a split account sends nothing until the receiver is bound too', async () => {
    const { connector, recorder, wire } = newConnector({ bind: 'split' });
    connector.start();
    await wire(0).bind('bind_transmitter');
    expect(connector.capacity()).toBe(0);
    await wire(1).bind('bind_receiver');
    expect(connector.capacity()).toBe(10);
    wire(1).lose();
    expect([connector.capacity(), recorder.states.at(-1)?.state]).toEqual([0, 'down']);
  });

  it('spreads submits over its binds by their room, and goes on with the ones that are left', async () => {
    const { connector, recorder, wire } = newConnector({ bindCount: 3, windowSize: 4 });
    connector.start();
    await wire(0).bind();
    expect(connector.capacity()).toBe(4);
    await wire(1).bind();
    await wire(2).bind();
    expect([connector.capacity(), connector.counters().bindsUp]).toEqual([12, 3]);
    connector.submit(submitSms(6));
    expect(await Promise.all([0, 1, 2].map((index) => answerAll(wire(index))))).toEqual([2, 2, 2]);
    connector.submit(submitSms(3));
    await ticked();
    wire(1).lose();
    expect(recorder.outcomes.filter((outcome) => outcome.endsWith('link-lost'))).toHaveLength(1);
    expect([connector.state, connector.capacity(), connector.counters().bindsUp]).toEqual(['bound', 6, 2]);
    wire(0).lose();
    wire(2).lose();
    expect([connector.state, connector.capacity()]).toEqual(['down', 0]);
  });

  it('tells each of its binds by itself, and counts them together', async () => {
    const hosts = ['a', 'b'].map((host) => ({ host, port: 2775 }));
    const { clock, connector, wire } = newConnector({ bindCount: 2, windowSize: 4, hosts });
    connector.start();
    await wire(0).bind();
    wire(1).lose('connect ECONNREFUSED');
    connector.submit(submitSms(3));
    await answerAll(wire(0), 0x0b);
    wire(0).send(encodePdu('deliver_sm', 1, { source_addr: '27831234567', short_message: 'hello' }));
    connector.submit(submitSms(2));
    expect(connector.counters().sessions).toMatchObject([
      {
        ...{ bind: 'transceiver-1', mode: 'transceiver', host: 'a:2775', state: 'BOUND_TRX' },
        ...{ binds: 1, linksLost: 0, windowInUse: 2, submits: 5, submitsAnswered: 3, delivers: 1 },
      },
      { bind: 'transceiver-2', host: 'b:2775', state: 'CLOSED', binds: 0, submits: 0, windowInUse: 0 },
    ]);
    clock.advance(1_000);
    await wire(2).bind();
    connector.submit(submitSms(2));
    await ticked();
    wire(0).lose();
    expect(connector.counters()).toMatchObject({
      ...{ binds: 2, bindsUp: 1, linksLost: 1, submitsSent: 7, deliversReceived: 1 },
      answersByStatus: { ESME_RINVDSTADR: 3 },
      sessions: [
        { state: 'CLOSED', linksLost: 1, submitsLinkLost: expect.any(Number), windowInUse: 0 },
        { state: 'BOUND_TRX', host: 'b:2775', binds: 1, linksLost: 0, submitsLinkLost: 0 },
      ],
    });
    const { submitsSent, submitsAnswered, submitsLinkLost, windowInUse } = connector.counters();
    expect(submitsAnswered + submitsLinkLost + windowInUse).toBe(submitsSent);
  });

  it('names its binds by mode where they are split', () => {
    const { connector } = newConnector({ bind: 'split', bindCount: 2 });
    connector.start();
    expect(connector.counters().sessions.map(({ bind, state }) => [bind, state])).toEqual([
      ['transmitter-1', 'CONNECTING'],
      ['transmitter-2', 'CONNECTING'],
      ['receiver-1', 'CONNECTING'],
      ['receiver-2', 'CONNECTING'],
    ]);
  });

  it('uses the room of every bind to the last slot', async () => {
    const { connector, wire } = newConnector({ bindCount: 2, windowSize: 5 });
    connector.start();
    await wire(0).bind();
    connector.submit(submitSms(4));
    await wire(1).bind();
    expect(connector.capacity()).toBe(6);
    connector.submit(submitSms(6));
    await ticked();
    expect(connector.counters()).toMatchObject({ windowInUse: 10, submitsNotSent: 0 });
  });

  it('dials the next host after one that could not be bound, and the same after one that could', async () => {
    const hosts = ['a', 'b'].map((host) => ({ host, port: 2775 }));
    const { clock, connector, wires, wire, targets } = newConnector({ hosts });
    connector.start();
    wire().lose('connect ECONNREFUSED');
    clock.advance(1000);
    await wire().bind();
    clock.advance(1);
    wire().lose();
    clock.advance(2000);
    expect([wires.length, targets]).toEqual([3, ['a', 'b', 'b']]);
  });

  it('paused, sends nothing and stays bound; resumed, says that there is room', async () => {
    const { connector, recorder } = await boundConnector();
    connector.pause();
    expect([connector.capacity(), connector.state, connector.isPaused]).toEqual([0, 'bound', true]);
    const calls = recorder.capacityCalls;
    connector.resume();
    expect([connector.capacity(), recorder.capacityCalls]).toEqual([10, calls + 1]);
  });

  it('rebinds on request: what is owed first, then at once on a new socket', async () => {
    const { connector, recorder, wires, wire } = await boundConnector();
    connector.submit(submitSms(1));
    connector.rebind();
    expect(connector.capacity()).toBe(0);
    await answerAll(wire(0));
    const [unbind] = await wire(0).received();
    wire(0).send(encodePdu('unbind_resp', unbind?.sequenceNumber ?? 0, {}));
    expect([unbind?.command, wires.length]).toEqual(['unbind', 2]);
    await wire(1).bind();
    expect([connector.capacity(), recorder.outcomes]).toEqual([10, ['m1 answered 0 id-2']]);
  });

  it('asked to rebind between two attempts does not wait for the pause', () => {
    const { connector, wires, wire } = newConnector();
    connector.start();
    wire().lose('connect ECONNREFUSED');
    connector.rebind();
    expect(wires).toHaveLength(2);
  });

  it('names the account to the SMSC as it was configured', async () => {
    const { connector, wire } = newConnector({ addressRange: '^25', bindTon: 1, bindNpi: 1 });
    connector.start();
    wire().connect();
    const [bind] = await wire().received();
    expect(bind?.fields).toMatchObject({ address_range: '^25', addr_ton: 1, addr_npi: 1 });
  });

  it.each(['windowSize', 'bindCount', 'responseTimeoutMs', 'submitsPerSecond'] as const)(
    'refuses %s of 0',
    (field) => {
      expect(() => newConnector({ [field]: 0 })).toThrow(ConnectorOptionError);
      expect(() => newConnector({ [field]: 0 })).toThrow(field);
    },
  );

  it('refuses a password it could not send, without repeating it', () => {
    expect(() => newConnector({ password: 'pässword' })).toThrow(/^password must be printable ASCII: /);
  });
});

describe('Connector, rate', () => {
  it('sends no more than the contract allows, and says when more may go', async () => {
    const { clock, connector, recorder, wire } = await boundConnector({
      submitsPerSecond: 20,
      windowSize: 100,
    });
    expect(connector.capacity()).toBe(1);
    connector.submit(submitSms(1));
    expect(connector.capacity()).toBe(0);
    const before = recorder.capacityCalls;
    clock.advance(49);
    expect(recorder.capacityCalls).toBe(before);
    clock.advance(1);
    expect([recorder.capacityCalls - before, connector.capacity()]).toEqual([1, 1]);
    expect(await answerAll(wire())).toBe(1);
  });

  it('slows down when the SMSC throttles and says so in its counters', async () => {
    const { clock, connector, recorder, wire } = await boundConnector({ submitsPerSecond: 1000 });
    clock.advance(10);
    connector.submit(submitSms(5));
    await answerAll(wire(), 0x58);
    expect(recorder.outcomes).toHaveLength(5);
    expect(connector.counters()).toMatchObject({
      currentSubmitsPerSecond: 700,
      answersByStatus: { ESME_RTHROTTLED: 5 },
    });
    expect(connector.capacity()).toBe(0);
  });
});

describe('Connector, shutdown', () => {
  let stopping: Promise<void> = Promise.resolve();
  afterEach(() => stopping);

  it('drains: ends every submit with its answer before it resolves', async () => {
    const { connector, recorder, wire } = await boundConnector();
    connector.submit(submitSms(3));
    let drained = false;
    const draining = connector.drain().then(() => {
      drained = true;
    });
    connector.submit([submitSm('too late')]);
    await ticked();
    expect([drained, recorder.outcomes]).toEqual([false, ['too late not-sent']]);
    await answerAll(wire());
    await draining;
    expect(recorder.outcomes).toHaveLength(4);
    expect(connector.counters().windowInUse).toBe(0);
  });

  it('drains within the response timeout when the SMSC is silent', async () => {
    const { clock, connector, recorder } = await boundConnector();
    connector.submit(submitSms(1));
    const draining = connector.drain();
    clock.advance(10_000);
    await draining;
    expect(recorder.outcomes).toEqual(['m1 timed-out']);
  });

  it('stops: unbinds, closes, and never dials again', async () => {
    const { clock, connector, recorder, wire, wires } = await boundConnector();
    stopping = connector.stop();
    await ticked();
    const [unbind] = await wire().received();
    expect(unbind?.command).toBe('unbind');
    wire().send(encodePdu('unbind_resp', unbind?.sequenceNumber ?? 0));
    await stopping;
    await connector.stop();
    clock.advance(600_000);
    expect(wires).toHaveLength(1);
    expect(recorder.states.at(-1)?.state).toBe('stopped');
  });

  it('stops at once between two attempts, and before the first', async () => {
    const between = newConnector();
    between.connector.start();
    between.wire().lose('connect ECONNREFUSED');
    await between.connector.stop();
    between.clock.advance(600_000);
    expect(between.wires).toHaveLength(1);
    const unstarted = newConnector();
    await unstarted.connector.stop();
    expect(unstarted.connector.state).toBe('stopped');
  });

  it('reads on when its listener throws on every call', async () => {
    const broken = (): never => {
      throw new Error('broken listener');
    };
    const wire = new FakeWire();
    const connector = new Connector<string>(
      OPTIONS,
      new VirtualClock(),
      new SeededRandomness(1),
      silentLog,
      {
        submitsEnded: broken,
        submitAnsweredLate: broken,
        delivered: broken,
        capacityChanged: broken,
        stateChanged: broken,
      },
      () => wire.dialled,
    );
    connector.start();
    await wire.bind();
    connector.submit(submitSms(10));
    expect(await answerAll(wire)).toBe(10);
    expect(connector.capacity()).toBe(10);
    connector.submit(submitSms(11));
    await ticked();
    expect(await answerAll(wire)).toBe(10);
    expect(connector.capacity()).toBe(10);
  });
});

describe('Connector, asks', () => {
  const query = {
    command: 'query_sm',
    smscMessageId: 'id-1',
    source: { ton: 5, npi: 0, address: 'SureReach' },
  } as const;

  it('resolves each with its answer', async () => {
    const { connector, wire } = await boundConnector();
    const asked = connector.ask(query);
    const [pdu] = await wire().received();
    wire().send(encodePdu('query_sm_resp', pdu?.sequenceNumber ?? 0, { command_status: 0x67 }));
    expect(await asked).toMatchObject({ end: 'answered', commandStatus: 0x67 });
  });

  it('go over the bind with the most room, and never over a receiver', async () => {
    const { connector, wires } = newConnector({ bind: 'split', bindCount: 2, windowSize: 2 });
    connector.start();
    for (const wire of wires) {
      wire.connect();
      const [bind] = await wire.received();
      wire.send(encodePdu(`${bind?.command ?? ''}_resp`, bind?.sequenceNumber ?? 0, {}));
    }
    await ticked();
    for (let count = 0; count < 4; count++) void connector.ask(query);
    expect(await connector.ask(query)).toMatchObject({ end: 'not-sent' });
    const asked = await Promise.all(wires.map(async (wire) => (await wire.received()).length));
    expect(asked.toSorted((a, b) => a - b)).toEqual([0, 0, 2, 2]);
  });

  it('counts them in the rate, and sends none beyond it', async () => {
    const { connector } = await boundConnector({ submitsPerSecond: 1 });
    void connector.ask(query);
    expect(connector.capacity()).toBe(0);
    expect(await connector.ask(query)).toMatchObject({ end: 'not-sent' });
  });

  it('sends none while it is down', async () => {
    const { connector } = newConnector();
    connector.start();
    expect(await connector.ask(query)).toMatchObject({ end: 'not-sent' });
  });

  it('is drained only when they have ended too', async () => {
    const { connector, wire } = await boundConnector();
    const asked = connector.ask(query);
    let drained = false;
    const draining = connector.drain().then(() => {
      drained = true;
    });
    await ticked();
    expect(drained).toBe(false);
    wire().lose();
    await draining;
    expect(await asked).toEqual({ end: 'link-lost' });
  });
});
