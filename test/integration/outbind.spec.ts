// outbind over real sockets: an SMSC opens the connection, and only the right one gets our bind request.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import type { IncomingDeliver } from '../../src/smpp/connector.js';
import { InvitedSessions } from '../../src/smpp/inbound/invited-sessions.js';
import { OutbindListener, type OutbindOptions } from '../../src/smpp/inbound/outbind-listener.js';
import { decodePdu, encodePdu, type LinkPdu } from '../../src/smpp/link.js';
import { eventually } from '../support/eventually.js';
import { silentLog } from '../support/connector-recorder.js';

const ACCOUNT = { system_id: 'smsc1', password: 's3cret' };

/** An SMSC that has opened a connection to us. */
class CallingSmsc {
  readonly received: LinkPdu[] = [];
  isClosed = false;
  private unread = Buffer.alloc(0);
  private readonly listeners = new Set<() => void>();

  private constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
      this.changed();
    });
    socket.on('data', (chunk: Buffer) => {
      this.unread = Buffer.concat([this.unread, chunk]);
      while (this.unread.length >= 4 && this.unread.length >= this.unread.readUInt32BE(0)) {
        const pdu = decodePdu(this.unread.subarray(0, this.unread.readUInt32BE(0)));
        this.unread = this.unread.subarray(this.unread.readUInt32BE(0));
        if (pdu !== null) this.received.push(pdu);
      }
      this.changed();
    });
  }

  static async call(port: number): Promise<CallingSmsc> {
    const smsc = new CallingSmsc(connect({ port, host: '127.0.0.1' }));
    opened.push(smsc);
    await once(smsc.socket, 'connect');
    return smsc;
  }

  send(command: string, fields: Readonly<Record<string, unknown>>, sequenceNumber = 1): void {
    this.socket.write(encodePdu(command, sequenceNumber, fields));
  }

  async heard(command: string): Promise<LinkPdu> {
    const find = (): LinkPdu | undefined => this.received.find((pdu) => pdu.command === command);
    await this.until(command, () => find() !== undefined);
    const pdu = find();
    if (pdu === undefined) throw new Error(`${command} is gone again`);
    return pdu;
  }

  until(what: string, holds: () => boolean): Promise<void> {
    return eventually(
      (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      what,
      holds,
    );
  }

  closed(): Promise<void> {
    return this.until('the connection to be closed', () => this.isClosed);
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

let opened: CallingSmsc[];
let clock: VirtualClock;
let delivered: IncomingDeliver[];
let sessions: InvitedSessions;
let listener: OutbindListener;

async function listen(overrides: Partial<OutbindOptions> = {}): Promise<void> {
  const options = { host: '127.0.0.1', port: 0, peers: ['127.0.0.1'], systemId: 'smsc1', password: 's3cret' };
  listener = new OutbindListener({ ...options, ...overrides }, clock, silentLog, (dialled) =>
    sessions.accept(dialled),
  );
  await listener.start();
}

beforeEach(async () => {
  opened = [];
  clock = new VirtualClock();
  delivered = [];
  sessions = new InvitedSessions(
    {
      ...{
        name: 'main',
        hosts: [{ host: 'smsc', port: 2775 }],
        systemId: 'surereach',
        password: 'ours',
        bind: 'transceiver',
      },
      ...{ tls: false, windowSize: 10, submitsPerSecond: null, responseTimeoutMs: 1_000 },
      ...{
        enquireLinkIntervalMs: 30_000,
        bindTimeoutMs: 5_000,
        inactivityTimeoutMs: 0,
        interfaceVersion: 0x34,
      },
    },
    clock,
    silentLog,
    {
      delivered: (delivers) => {
        delivered.push(...delivers);
        for (const deliver of delivers) deliver.respond(0);
      },
    },
  );
  await listen();
});

afterEach(() => {
  listener.stop();
  for (const { socket } of opened) socket.destroy();
});

describe('an SMSC that sends outbind', () => {
  it('gets bind_receiver over its own connection, and delivers there', async () => {
    const smsc = await CallingSmsc.call(listener.port);
    smsc.send('outbind', ACCOUNT);
    const bind = await smsc.heard('bind_receiver');
    expect(bind.fields).toMatchObject({ system_id: 'surereach', password: 'ours', interface_version: 0x34 });
    smsc.send('bind_receiver_resp', { system_id: 'SMSC' }, bind.sequenceNumber);
    smsc.send('deliver_sm', { source_addr: '1', destination_addr: '2', short_message: Buffer.from('hi') }, 7);
    expect(await smsc.heard('deliver_sm_resp')).toMatchObject({ sequenceNumber: 7, commandStatus: 0 });
    expect(delivered.map(({ pdu }) => pdu.shortMessage.toString())).toEqual(['hi']);
  });

  it('is unbound in order when we stop, and is not called back', async () => {
    const smsc = await CallingSmsc.call(listener.port);
    smsc.send('outbind', ACCOUNT);
    const bind = await smsc.heard('bind_receiver');
    smsc.send('bind_receiver_resp', { system_id: 'SMSC' }, bind.sequenceNumber);
    smsc.send('enquire_link', {}, 2);
    await smsc.heard('enquire_link_resp');
    const stopped = sessions.stop();
    const unbind = await smsc.heard('unbind');
    smsc.send('unbind_resp', {}, unbind.sequenceNumber);
    await stopped;
    expect(sessions.count).toBe(0);
    const late = await CallingSmsc.call(listener.port);
    late.send('outbind', ACCOUNT);
    await late.closed();
    expect(late.received).toEqual([]);
  });

  it('may do so octet by octet', async () => {
    const smsc = await CallingSmsc.call(listener.port);
    smsc.socket.setNoDelay(true);
    for (const octet of encodePdu('outbind', 1, ACCOUNT))
      await new Promise((resolve) => smsc.socket.write(Buffer.from([octet]), resolve));
    await smsc.heard('bind_receiver');
  });

  it('is refused when there are sessions enough by its invitations', async () => {
    for (let n = 0; n < 4; n++) {
      const smsc = await CallingSmsc.call(listener.port);
      smsc.send('outbind', ACCOUNT);
      await smsc.heard('bind_receiver');
    }
    const fifth = await CallingSmsc.call(listener.port);
    fifth.send('outbind', ACCOUNT);
    await fifth.closed();
    expect([fifth.received, sessions.count]).toEqual([[], 4]);
  });
});

describe('whoever else connects', () => {
  it.each<[string, Buffer]>([
    ['another password', encodePdu('outbind', 1, { ...ACCOUNT, password: 'wrong' })],
    ['another system_id', encodePdu('outbind', 1, { ...ACCOUNT, system_id: 'smsc2' })],
    ['a part of the password', encodePdu('outbind', 1, { ...ACCOUNT, password: 's3cre' })],
    ['no account', encodePdu('outbind', 1)],
    ['another PDU', encodePdu('enquire_link', 1)],
    ['a bind of its own', encodePdu('bind_transceiver', 1, ACCOUNT)],
    [
      'more behind its outbind',
      Buffer.concat([encodePdu('outbind', 1, ACCOUNT), encodePdu('enquire_link', 2)]),
    ],
    ['the beginning of more', Buffer.concat([encodePdu('outbind', 1, ACCOUNT), Buffer.from([0, 0])])],
    ['octets that are no SMPP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a PDU too long to be one', encodePdu('outbind', 1, { system_id: 'x'.repeat(200) })],
  ])('with %s hears nothing and is hung up on', async (_, octets) => {
    const stranger = await CallingSmsc.call(listener.port);
    stranger.socket.write(octets);
    await stranger.closed();
    expect([stranger.received, sessions.count]).toEqual([[], 0]);
  });

  it('with half an outbind is hung up on when the time is over', async () => {
    const stranger = await CallingSmsc.call(listener.port);
    await new Promise((resolve) =>
      stranger.socket.write(encodePdu('outbind', 1, ACCOUNT).subarray(0, 20), resolve),
    );
    // The listener has it when a connection behind it was served.
    const smsc = await CallingSmsc.call(listener.port);
    smsc.send('outbind', ACCOUNT);
    await smsc.heard('bind_receiver');
    expect(stranger.isClosed).toBe(false);
    clock.advance(5_000);
    await stranger.closed();
    expect(stranger.received).toEqual([]);
  });

  it('from an address that is not listed hears nothing, whatever it knows', async () => {
    listener.stop();
    await listen({ peers: ['192.0.2.1'] });
    const stranger = await CallingSmsc.call(listener.port);
    stranger.send('outbind', ACCOUNT);
    await stranger.closed();
    expect(stranger.received).toEqual([]);
  });

  it('in greater number than may wait does not wait', async () => {
    for (let n = 0; n < 8; n++) await CallingSmsc.call(listener.port);
    const ninth = await CallingSmsc.call(listener.port);
    await ninth.closed();
    expect(opened.filter(({ isClosed }) => isClosed)).toEqual([ninth]);
  });

  it('and waits is hung up on when we stop', async () => {
    const stranger = await CallingSmsc.call(listener.port);
    const smsc = await CallingSmsc.call(listener.port);
    smsc.send('outbind', ACCOUNT);
    await smsc.heard('bind_receiver');
    listener.stop();
    await stranger.closed();
    expect(smsc.isClosed).toBe(false);
  });
});
