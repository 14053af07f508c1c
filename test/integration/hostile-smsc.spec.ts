// A peer that misbehaves, over real sockets: what virtual time and sockets in memory cannot show.
// Whatever it does, every submit ends once and the next, better SMSC at that address is used.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SystemClock, SystemRandomness } from '../../src/clock/system-clock.js';
import { Connector } from '../../src/smpp/connector.js';
import type { ConnectorOptions, IncomingDeliver } from '../../src/smpp/connector.js';
import { encodePdu } from '../../src/smpp/link.js';
import { ConnectorRecorder, silentLog, submitSm, submitSms } from '../support/connector-recorder.js';
import { ScriptedSmsc, type SmscConnection } from '../support/scripted-smsc.js';
import { selfSigned } from '../support/self-signed.js';

const clock = new SystemClock();
const receiptText = { esm_class: 4, short_message: Buffer.from('id:7 stat:DELIVRD err:000 text:secret') };

let smsc: ScriptedSmsc;
let recorder: ConnectorRecorder;
let release: (() => Promise<void> | void)[];

beforeEach(async () => {
  release = [];
  smsc = await ScriptedSmsc.listen();
  recorder = new ConnectorRecorder();
});

afterEach(async () => {
  for (const close of release.toReversed()) await close();
  await smsc.close();
});

type Overrides = Partial<ConnectorOptions> & { readonly port?: number };

function startConnector({ port = smsc.port, ...overrides }: Overrides = {}): Connector<string> {
  const options: ConnectorOptions = {
    name: 'main',
    hosts: [{ host: '127.0.0.1', port }],
    systemId: 'surereach',
    password: 's3cret',
    bind: 'transceiver',
    tls: false,
    windowSize: 100,
    submitsPerSecond: null,
    responseTimeoutMs: 300,
    enquireLinkIntervalMs: 60_000,
    bindTimeoutMs: 400,
    inactivityTimeoutMs: 0,
    interfaceVersion: 0x34,
    rebind: { firstMs: 20, maxMs: 100, refusedFirstMs: 150, refusedMaxMs: 150, stableMs: 1 },
    ...overrides,
  };
  const connector = new Connector<string>(options, clock, new SystemRandomness(), silentLog, recorder);
  release.push(() => connector.stop());
  connector.start();
  return connector;
}

const downReasons = (): readonly string[] =>
  recorder.states.filter(({ state }) => state === 'down').map(({ reason }) => reason);

const down = (why: RegExp): Promise<void> =>
  recorder.until(`down because of ${String(why)}`, () => downReasons().some((reason) => why.test(reason)));

/** The first connection does this; the ones after it belong to a good SMSC. */
function firstConnection(misbehave: (connection: SmscConnection) => void): void {
  smsc.onConnection = (connection) => {
    if (smsc.connections.length === 1) misbehave(connection);
  };
}

const isFirst = (connection: SmscConnection): boolean => connection === smsc.connections[0];

async function worksAgain(connector: Connector<string>): Promise<void> {
  await recorder.until('the bind', () => connector.state === 'bound' && connector.capacity() > 0);
  connector.submit([submitSm('again')]);
  await recorder.until('its answer', () =>
    recorder.outcomes.some((each) => each.startsWith('again answered 0')),
  );
  const tags = recorder.ends.map(({ tag }) => tag);
  expect(new Set(tags).size).toBe(tags.length);
}

/** Calls until the test is over. */
function every(ms: number, run: () => void): void {
  let stopped = false;
  const turn = (): void => {
    if (stopped) return;
    run();
    clock.after(ms, turn);
  };
  clock.after(ms, turn);
  release.push(() => {
    stopped = true;
  });
}

describe('what answers is no SMSC', () => {
  it.each([
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), /HTTP: is this the port of a web server/],
    ['TLS', Buffer.from('15030300020246', 'hex'), /the port wants TLS/],
    ['SSH', Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'), /SSH/],
    ['mail', Buffer.from('220 mail.example.com ESMTP\r\n'), /mail/],
    ['random', Buffer.alloc(4000, 0xee), /no SMPP/],
  ])('but %s: it says so, and binds when an SMSC is there', async (_, greeting, why) => {
    firstConnection((connection) => {
      connection.raw(greeting);
    });
    const connector = startConnector();
    await down(why);
    await worksAgain(connector);
  });

  it('but a TLS listener, and the other way round', async () => {
    const secure = await ScriptedSmsc.listen({ tls: selfSigned() });
    release.push(() => secure.close());
    startConnector({ port: secure.port });
    await down(/the port wants TLS|closed the connection|ECONNRESET/);
    // A ClientHello is no PDU for the SMSC either: it stays silent, and the handshake never ends.
    startConnector({ tls: true, connectTimeoutMs: 300 });
    await down(/connect-timeout/);
  });
});

describe('an SMSC that is silent', () => {
  it('to the bind: the bind is given up and tried again', async () => {
    smsc.scripts.set('bind_transceiver', (connection, pdu) => {
      if (!isFirst(connection)) smsc.behave(connection, pdu);
    });
    const connector = startConnector();
    await down(/bind-timeout/);
    await worksAgain(connector);
  });

  it('to everything after the bind, half-open: enquire_link finds it, the submits end', async () => {
    for (const command of ['submit_sm', 'enquire_link']) {
      smsc.scripts.set(command, (connection, pdu) => {
        if (!isFirst(connection)) smsc.behave(connection, pdu);
      });
    }
    const connector = startConnector({ enquireLinkIntervalMs: 400 });
    await recorder.until('the bind', () => connector.state === 'bound');
    connector.submit(submitSms(5));
    await down(/enquire-link-unanswered/);
    expect(recorder.outcomes.slice(0, 5)).toEqual([1, 2, 3, 4, 5].map((n) => `m${String(n)} timed-out`));
    await worksAgain(connector);
  });

  it('in the middle of a PDU, an octet at a time: the rest is not waited for', async () => {
    const slow = encodePdu('deliver_sm', 1, receiptText);
    let sent = 0;
    const connector = startConnector({ partialPduTimeoutMs: 350 });
    await recorder.until('the bind', () => connector.state === 'bound');
    const [first] = smsc.connections;
    every(60, () => first?.raw(slow.subarray(sent, ++sent)));
    await down(/partial-pdu/);
    expect(recorder.delivers).toEqual([]);
    await worksAgain(connector);
  });
});

describe('an SMSC that does not read', () => {
  it('is given up though its enquire_link says that it lives, and every submit ends once', async () => {
    firstConnection(({ socket }) => {
      // After the bind; what comes then stays in the buffers of the two sockets until they are full.
      smsc.scripts.set('submit_sm', (connection, pdu) => {
        if (isFirst(connection)) socket.pause();
        else smsc.behave(connection, pdu);
      });
    });
    const connector = startConnector({
      windowSize: 5000,
      responseTimeoutMs: 600,
      enquireLinkIntervalMs: 500,
    });
    await recorder.until('the bind', () => connector.state === 'bound');
    const [first] = smsc.connections;
    every(50, () => first?.raw(encodePdu('enquire_link', 1)));
    let submitted = 0;
    const shortMessage = Buffer.alloc(254, 0x61);
    const fill = (): void => {
      if (smsc.connections.length > 1) return;
      const count = connector.capacity();
      if (count === 0) return;
      connector.submit(
        Array.from({ length: count }, () => submitSm(`n${String(submitted++)}`, { shortMessage })),
      );
    };
    recorder.capacityChanged = fill;
    fill();
    await recorder.until(
      'the end',
      () => downReasons().some((each) => each.includes('peer-does-not-read')),
      30_000,
    );
    expect(recorder.ends.length).toBe(submitted);
    expect(submitted).toBeGreaterThan(5000);
    await worksAgain(connector);
  }, 60_000);
});

describe('an SMSC that says too much', () => {
  it('floods with receipts faster than they are stored: answers are late, the memory bounded, none is lost', async () => {
    const held: IncomingDeliver[] = [];
    let most = 0;
    recorder.onDelivered = (pdus) => {
      held.push(...pdus);
      most = Math.max(most, held.length);
    };
    const connector = startConnector({ maxUnansweredDelivers: 100, responseTimeoutMs: 5000 });
    await recorder.until('the bind', () => connector.state === 'bound');
    every(5, () => {
      for (const pdu of held.splice(0, 60)) pdu.respond(0);
    });
    const statuses = new Map<number, number[]>();
    smsc.scripts.set('deliver_sm_resp', (_, { sequenceNumber, commandStatus }) => {
      statuses.set(sequenceNumber, [...(statuses.get(sequenceNumber) ?? []), commandStatus]);
    });
    const flood = Array.from({ length: 5000 }, (_, index) => encodePdu('deliver_sm', index + 1, receiptText));
    smsc.connection.raw(Buffer.concat(flood));
    connector.submit(submitSms(3));
    await smsc.until('an answer to each', () => statuses.size === 5000, 30_000);
    expect(most).toBeLessThanOrEqual(200);
    expect([...statuses.values()].every((answers) => answers.length === 1)).toBe(true);
    // Accepted, or refused so that an SMSC delivers it again; never refused for good.
    expect(new Set([...statuses.values()].flat())).toEqual(new Set([0, 0x14]));
    await recorder.until('the submits', () => recorder.ends.length === 3);
    expect(recorder.outcomes.every((each) => each.includes('answered 0'))).toBe(true);
  }, 60_000);

  it('nacks whatever it hears, nacks too: no war of nacks begins', async () => {
    firstConnection((connection) => {
      connection.socket.on('data', () => {
        connection.raw(encodePdu('generic_nack', 0, { command_status: 2 }));
        connection.raw(encodePdu('replace_sm', 77));
      });
    });
    smsc.scripts.set('bind_transceiver', (connection, pdu) => {
      if (!isFirst(connection)) smsc.behave(connection, pdu);
    });
    const connector = startConnector();
    await down(/answers blame the session|bind-timeout|stopped/);
    const nacks = smsc.connections[0]?.commands.filter((command) => command === 'generic_nack').length ?? 0;
    // One for each replace_sm at the most, none for a nack.
    expect(nacks).toBeLessThanOrEqual(smsc.connections[0]?.received.length ?? 0);
    await worksAgain(connector);
  });

  it('answers in single octets and twice over: each submit ends once', async () => {
    smsc.scripts.set('submit_sm', (connection, pdu) => {
      if (!isFirst(connection)) {
        smsc.behave(connection, pdu);
        return;
      }
      connection.socket.setNoDelay(true);
      const answer = encodePdu('submit_sm_resp', pdu.sequenceNumber, { message_id: 'x' });
      for (const octet of Buffer.concat([answer, answer])) connection.raw(Buffer.from([octet]));
    });
    const connector = startConnector();
    await recorder.until('the bind', () => connector.state === 'bound');
    connector.submit(submitSms(20));
    await recorder.until('all ends', () => recorder.ends.length === 20);
    await smsc.until('nothing more to read', () => connector.counters().strayResponses <= 20);
    expect(recorder.lateAnswers).toEqual([]);
    await worksAgain(connector);
  });

  it.each(['fin', 'reset'] as const)(
    'leaves by %s in the middle of a PDU: what was on the way ends',
    async (how) => {
      smsc.scripts.set('submit_sm', (connection, pdu) => {
        if (!isFirst(connection)) {
          smsc.behave(connection, pdu);
          return;
        }
        connection.raw(encodePdu('submit_sm_resp', pdu.sequenceNumber, { message_id: 'x' }).subarray(0, 10));
        if (how === 'fin') connection.socket.end();
        else connection.socket.resetAndDestroy();
      });
      const connector = startConnector();
      await recorder.until('the bind', () => connector.state === 'bound');
      connector.submit(submitSms(3));
      await recorder.until('three ends', () => recorder.ends.length === 3);
      expect(recorder.outcomes).toEqual(['m1 link-lost', 'm2 link-lost', 'm3 link-lost']);
      await worksAgain(connector);
    },
  );
});
