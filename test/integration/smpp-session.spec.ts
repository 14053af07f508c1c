// The connector against a scripted SMSC over real sockets: everything an SMSC or a network can do
// to it, and that every submit ends exactly once all the same.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SystemClock, SystemRandomness } from '../../src/clock/system-clock.js';
import { Connector } from '../../src/smpp/connector.js';
import type { ConnectorOptions } from '../../src/smpp/connector.options.js';
import { encodePdu } from '../../src/smpp/link.js';
import { readDeliveryReceipt } from '../../src/smpp/pdu/delivery-receipt.js';
import { ConnectorRecorder, silentLog, submitSm, submitSms } from '../support/connector-recorder.js';
import { HalfOpenProxy } from '../support/half-open-proxy.js';
import { ScriptedSmsc } from '../support/scripted-smsc.js';
import { selfSigned } from '../support/self-signed.js';

const RECEIPT = {
  source_addr: '447700900123',
  destination_addr: 'SureReach',
  esm_class: 4,
  short_message: Buffer.from('id:7 sub:001 dlvrd:001 done date:2611210140 stat:DELIVRD err:000 text:secret'),
  receipted_message_id: '7',
  message_state: 2,
};

let smsc: ScriptedSmsc;
let recorder: ConnectorRecorder;
let release: (() => Promise<void>)[];

beforeEach(async () => {
  release = [];
  smsc = await ScriptedSmsc.listen();
  recorder = new ConnectorRecorder();
});

afterEach(async () => {
  // Connectors first: a stop unbinds, which wants a living SMSC.
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
    bindTimeoutMs: 2000,
    inactivityTimeoutMs: 0,
    interfaceVersion: 0x34,
    rebind: { firstMs: 20, maxMs: 100, refusedFirstMs: 150, refusedMaxMs: 150, stableMs: 1 },
    ...overrides,
  };
  const connector = new Connector<string>(
    options,
    new SystemClock(),
    new SystemRandomness(),
    silentLog,
    recorder,
  );
  release.push(() => connector.stop());
  connector.start();
  return connector;
}

async function boundConnector(overrides: Overrides = {}): Promise<Connector<string>> {
  const connector = startConnector(overrides);
  await recorder.until('the bind', () => connector.state === 'bound');
  return connector;
}

const bounds = (): number => recorder.states.filter(({ state }) => state === 'bound').length;
const downReasons = (): string =>
  recorder.states
    .filter(({ state }) => state === 'down')
    .map(({ reason }) => reason)
    .join(' | ');

describe('submits over a real socket', () => {
  it('end with the answers of the SMSC, a thousand through a window of a hundred', async () => {
    const connector = await boundConnector();
    const waiting = submitSms(1000).slice();
    const pump = (): void => {
      const items = waiting.splice(0, connector.capacity());
      if (items.length > 0) connector.submit(items);
    };
    recorder.capacityChanged = pump;
    pump();
    await recorder.until('all ends', () => recorder.ends.length === 1000);
    expect(new Set(recorder.ends.map(({ tag }) => tag)).size).toBe(1000);
    expect(recorder.ends.every(({ end }) => end.end === 'answered' && end.commandStatus === 0)).toBe(true);
    expect(smsc.received('submit_sm')).toHaveLength(1000);
  });

  it('time out one by one when the SMSC is silent on some, and take the late answer', async () => {
    smsc.scripts.set('submit_sm', (connection, pdu) => {
      if (pdu.sequenceNumber !== 3) smsc.behave(connection, pdu);
    });
    const connector = await boundConnector();
    connector.submit(submitSms(3));
    await recorder.until('three ends', () => recorder.ends.length === 3);
    expect(recorder.outcomes).toEqual(['m1 answered 0 id-1', 'm3 answered 0 id-2', 'm2 timed-out']);
    smsc.connection.raw(encodePdu('submit_sm_resp', 3, { message_id: 'late-id' }));
    await recorder.until('the late answer', () => recorder.lateAnswers.length === 1);
    expect(recorder.lateAnswers).toEqual([{ tag: 'm2', commandStatus: 0, smscMessageId: 'late-id' }]);
    expect(recorder.ends).toHaveLength(3);
  });

  it('are not ended by an answer of a wrong sequence number, nor twice by a repeated one', async () => {
    smsc.scripts.set('submit_sm', (connection, pdu) => {
      connection.raw(encodePdu('submit_sm_resp', pdu.sequenceNumber + 1000, { message_id: 'wrong' }));
      connection.reply(pdu, { message_id: 'right' });
      connection.reply(pdu, { message_id: 'again' });
    });
    const connector = await boundConnector();
    connector.submit([submitSm('a')]);
    await recorder.until('the end', () => recorder.ends.length > 0);
    await connector.drain();
    expect(recorder.outcomes).toEqual(['a answered 0 right']);
    expect(connector.counters().strayResponses).toBe(2);
  });

  it('end as answered when the SMSC nacks them', async () => {
    smsc.scripts.set('submit_sm', (connection, pdu) => {
      connection.raw(encodePdu('generic_nack', pdu.sequenceNumber, { command_status: 3 }));
    });
    const connector = await boundConnector();
    connector.submit([submitSm('a')]);
    await recorder.until('the end', () => recorder.ends.length === 1);
    expect(recorder.outcomes).toEqual(['a answered 3']);
  });

  it('slow down while the SMSC throttles, and go on', async () => {
    let submits = 0;
    smsc.scripts.set('submit_sm', (connection, pdu) => {
      submits++;
      if (submits <= 5) connection.reply(pdu, { command_status: 0x58 });
      else smsc.behave(connection, pdu);
    });
    const connector = await boundConnector({ submitsPerSecond: 200, windowSize: 5 });
    const waiting = submitSms(20).slice();
    recorder.capacityChanged = () => {
      connector.submit(waiting.splice(0, connector.capacity()));
    };
    recorder.capacityChanged();
    await recorder.until('twenty ends', () => recorder.ends.length === 20);
    expect(connector.counters().answersByStatus).toEqual({ ESME_RTHROTTLED: 5, ESME_ROK: 15 });
    expect(connector.counters().currentSubmitsPerSecond).toBeLessThan(200);
  });

  it('end as lost when the SMSC answers half a PDU and closes; the next bind knows nothing of them', async () => {
    smsc.scripts.set('submit_sm', (connection, pdu) => {
      if (pdu.sequenceNumber === 2) smsc.behave(connection, pdu);
      if (pdu.sequenceNumber !== 4) return;
      const answer = encodePdu('submit_sm_resp', 3, { message_id: 'cut off' });
      connection.socket.write(answer.subarray(0, 18), () => connection.socket.destroy());
    });
    const connector = await boundConnector();
    connector.submit(submitSms(3));
    await recorder.until('a second bind', () => bounds() === 2);
    expect(recorder.outcomes).toEqual(['m1 answered 0 id-1', 'm2 link-lost', 'm3 link-lost']);
    smsc.connection.raw(encodePdu('submit_sm_resp', 3, { message_id: 'of the old session' }));
    smsc.connection.request('enquire_link');
    await smsc.until('an answer behind it', () => smsc.received('enquire_link_resp').length === 1);
    expect([recorder.ends.length, recorder.lateAnswers.length]).toEqual([3, 0]);
  });
});

describe('a hostile stream', () => {
  it.each([
    ['command_length 0', Buffer.alloc(16)],
    ['command_length 15', Buffer.from(`0000000f${'00'.repeat(12)}`, 'hex')],
    ['command_length 2^32-1', Buffer.from(`ffffffff${'00'.repeat(12)}`, 'hex')],
    ['an HTTP answer', Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')],
  ])('with %s is nacked and given up, and the link is rebuilt', async (_what, octets) => {
    const connector = await boundConnector();
    smsc.scripts.set('submit_sm', (connection) => {
      connection.raw(octets);
    });
    connector.submit([submitSm('a')]);
    await recorder.until('a second bind', () => bounds() === 2);
    expect(recorder.outcomes).toEqual(['a link-lost']);
    expect(smsc.connections[0]?.received.at(-1)).toMatchObject({
      command: 'generic_nack',
      sequenceNumber: 0,
      commandStatus: 2,
    });
    expect(connector.counters().framingFaults).toBe(1);
  });

  it('in place of a bind response does not stop the attempts', async () => {
    smsc.onConnection = (connection) => {
      if (smsc.connections.length < 3) connection.raw(Buffer.from('220 mail.example.com ESMTP\r\n'));
    };
    await boundConnector();
    expect(smsc.connections).toHaveLength(3);
  });

  it('of random octets behind valid headers leaves the session bound', async () => {
    const connector = await boundConnector();
    const randomness = new SystemRandomness();
    for (let turn = 0; turn < 200; turn++) {
      const body = Buffer.from(randomness.bytes(turn));
      const header = Buffer.alloc(16);
      header.writeUInt32BE(16 + body.length, 0);
      header.writeUInt32BE([0x05, 0x103, 0x80000004, 0x80000009, 0x15, 0x777, 0x102][turn % 7] ?? 0, 4);
      header.writeUInt32BE(1000 + turn, 12);
      smsc.connection.raw(Buffer.concat([header, body]));
    }
    connector.submit([submitSm('a')]);
    await recorder.until('the end', () => recorder.ends.length === 1);
    expect(recorder.outcomes).toEqual(['a answered 0 id-1']);
    expect(bounds()).toBe(1);
  });

  it('in single octets is read as if it came whole', async () => {
    await boundConnector();
    const octets = Buffer.concat([encodePdu('deliver_sm', 1, RECEIPT), encodePdu('deliver_sm', 2, RECEIPT)]);
    for (const octet of octets) smsc.connection.raw(Buffer.from([octet]));
    await smsc.until('two answers', () => smsc.received('deliver_sm_resp').length === 2);
    expect(recorder.delivers.map(({ pdu }) => readDeliveryReceipt(pdu))).toEqual([
      expect.objectContaining({ smscMessageId: '7', state: 'delivered' }),
      expect.objectContaining({ smscMessageId: '7', state: 'delivered' }),
    ]);
  });

  it('that stops inside a PDU is given up', async () => {
    await boundConnector({ partialPduTimeoutMs: 100 });
    smsc.connection.raw(encodePdu('deliver_sm', 1, RECEIPT).subarray(0, 30));
    await recorder.until('a second bind', () => bounds() === 2);
    expect(downReasons()).toContain('partial-pdu');
  });
});

describe('receipts', () => {
  it('are answered after the listener is done with them, while the socket is read on', async () => {
    recorder.onDelivered = () => undefined;
    const connector = await boundConnector();
    for (let sequence = 1; sequence <= 300; sequence++) smsc.connection.request('deliver_sm', RECEIPT);
    await recorder.until('all receipts', () => recorder.delivers.length === 300);
    connector.submit([submitSm('meanwhile')]);
    await recorder.until('the submit', () => recorder.ends.length === 1);
    expect(smsc.received('deliver_sm_resp')).toHaveLength(0);
    expect(connector.counters().unansweredDelivers).toBe(300);
    for (const deliver of recorder.delivers) deliver.respond(0);
    await smsc.until('all answers', () => smsc.received('deliver_sm_resp').length === 300);
    expect(new Set(smsc.received('deliver_sm_resp').map(({ sequenceNumber }) => sequenceNumber)).size).toBe(
      300,
    );
  });

  it('of a split account come through the receiver', async () => {
    await boundConnector({ bind: 'split' });
    const receiver = smsc.connections.find(({ commands }) => commands[0] === 'bind_receiver');
    const transmitter = smsc.connections.find(({ commands }) => commands[0] === 'bind_transmitter');
    receiver?.request('deliver_sm', RECEIPT);
    await smsc.until('the answer', () => receiver?.commands.includes('deliver_sm_resp') ?? false);
    expect(transmitter?.commands).toEqual(['bind_transmitter']);
  });
});

describe('the link', () => {
  it('is rebuilt after unbind from the SMSC, which is answered first', async () => {
    await boundConnector();
    const first = smsc.connection;
    first.request('unbind');
    await recorder.until('a second bind', () => bounds() === 2);
    expect(first.commands.at(-1)).toBe('unbind_resp');
    expect(downReasons()).toContain('unbound-by-smsc');
  });

  it('is bound when the SMSC comes up later than the service', async () => {
    const { port } = smsc;
    await smsc.close();
    const connector = startConnector({ port });
    await recorder.until('a refused attempt', () => downReasons().includes('ECONNREFUSED'));
    expect(connector.capacity()).toBe(0);
    smsc = await ScriptedSmsc.listen({ port });
    await recorder.until('the bind', () => bounds() === 1);
    expect(connector.capacity()).toBe(100);
  });

  it('is bound at the next host when the first is away, and a rebind begins with the first again', async () => {
    const other = await ScriptedSmsc.listen();
    release.push(() => other.close());
    const { port } = smsc;
    await smsc.close();
    const hosts = [port, other.port].map((each) => ({ host: '127.0.0.1', port: each }));
    const connector = await boundConnector({ port, hosts });
    expect(other.received('bind_transceiver')).toHaveLength(1);
    smsc = await ScriptedSmsc.listen({ port });
    connector.rebind();
    await recorder.until('the bind at the first', () => smsc.received('bind_transceiver').length === 1);
    expect(other.connection.commands.at(-1)).toBe('unbind');
    await recorder.until('room', () => connector.capacity() === 100);
  });

  it('is not bound in a hurry after a wrong password', async () => {
    smsc.scripts.set('bind_transceiver', (connection, pdu) => {
      connection.reply(pdu, { command_status: smsc.connections.length < 2 ? 0x0e : 0, system_id: 'S' });
    });
    await boundConnector();
    expect(downReasons()).toMatch(/bind-refused: ESME_RINVPASWD \(the password is wrong\); rebind in \d+ ms/);
    const pauseMs = Number(/rebind in (\d+) ms/.exec(downReasons())?.[1]);
    expect(pauseMs).toBeGreaterThanOrEqual(75);
  });

  it('is given up when the SMSC accepts the connection and says nothing', async () => {
    smsc.scripts.set('bind_transceiver', () => undefined);
    startConnector({ bindTimeoutMs: 100 });
    await recorder.until('two attempts', () => downReasons().split('bind-timeout').length > 2);
    expect(smsc.connections.length).toBeGreaterThanOrEqual(2);
  });

  it('is found half-open by enquire_link, and what was on the way ends', async () => {
    const proxy = await HalfOpenProxy.listen(smsc.port);
    release.push(() => proxy.close());
    const connector = await boundConnector({
      port: proxy.port,
      enquireLinkIntervalMs: 200,
      responseTimeoutMs: 400,
    });
    proxy.goSilent();
    connector.submit([submitSm('a')]);
    await recorder.until('a second bind', () => bounds() === 2);
    expect(recorder.outcomes).toHaveLength(1);
    expect(['a timed-out', 'a link-lost']).toContain(recorder.outcomes[0]);
    expect(downReasons()).toContain('enquire-link-unanswered');
    expect(smsc.received('submit_sm')).toHaveLength(0);
  });

  it('is unbound in order on stop, after the answers have come', async () => {
    const held: (() => void)[] = [];
    smsc.scripts.set('submit_sm', (connection, pdu) => {
      held.push(() => {
        smsc.behave(connection, pdu);
      });
    });
    const connector = await boundConnector({ responseTimeoutMs: 10_000 });
    connector.submit(submitSms(2));
    await smsc.until('the submits', () => held.length === 2);
    const stopping = connector.stop();
    for (const answer of held) answer();
    await stopping;
    expect(recorder.outcomes).toEqual(['m1 answered 0 id-1', 'm2 answered 0 id-2']);
    expect(smsc.connection.commands).toEqual(['bind_transceiver', 'submit_sm', 'submit_sm', 'unbind']);
  });
});

describe('TLS', () => {
  it('binds when the certificate is trusted and names the host', async () => {
    const pair = selfSigned();
    const tlsSmsc = await ScriptedSmsc.listen({ tls: pair });
    release.push(() => tlsSmsc.close());
    const connector = await boundConnector({ port: tlsSmsc.port, tls: { ca: pair.cert } });
    connector.submit([submitSm('a')]);
    await recorder.until('the end', () => recorder.ends.length === 1);
    expect(recorder.outcomes).toEqual(['a answered 0 id-1']);
  });

  it('sends no password to an SMSC whose certificate is not trusted', async () => {
    const tlsSmsc = await ScriptedSmsc.listen({ tls: selfSigned() });
    release.push(() => tlsSmsc.close());
    startConnector({ port: tlsSmsc.port, tls: true });
    await recorder.until('a refused attempt', () => /connect-failed: .*self-signed/.test(downReasons()));
    expect(tlsSmsc.received('bind_transceiver')).toEqual([]);
  });

  it('sends no password to an SMSC whose certificate names another host', async () => {
    const pair = selfSigned('smsc.example.com');
    const tlsSmsc = await ScriptedSmsc.listen({ tls: pair });
    release.push(() => tlsSmsc.close());
    startConnector({ port: tlsSmsc.port, tls: { ca: pair.cert, servername: 'other.example.com' } });
    await recorder.until('a refused attempt', () =>
      downReasons().includes("does not match certificate's altnames"),
    );
    expect(tlsSmsc.received('bind_transceiver')).toEqual([]);
  });

  it('sends nothing in clear to a port that speaks no TLS', async () => {
    const heard: Buffer[] = [];
    smsc.onConnection = ({ socket }) => {
      socket.removeAllListeners('data');
      socket.on('data', (chunk: Buffer) => heard.push(chunk));
      socket.write('this is not TLS\r\n');
    };
    startConnector({ tls: { rejectUnauthorized: false } });
    await recorder.until('a refused attempt', () => downReasons().includes('connect-failed'));
    expect(Buffer.concat(heard).includes('s3cret')).toBe(false);
  });
});
