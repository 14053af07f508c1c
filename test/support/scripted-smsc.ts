// An SMSC that answers as a test tells it, PDU by PDU, over real sockets. Unscripted commands are
// answered as a well-behaved SMSC would. Encoded by npm smpp, so that it shares no codec with the
// code under test.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { decodePdu, encodePdu, type LinkPdu } from '../../src/smpp/link.js';
import { eventually } from './eventually.js';

/** One ESME's connection. */
export class SmscConnection {
  readonly received: LinkPdu[] = [];
  isClosed = false;
  private unread = Buffer.alloc(0);
  private lastSequence = 0;

  constructor(
    readonly socket: Socket,
    private readonly smsc: ScriptedSmsc,
  ) {
    socket.on('data', (chunk: Buffer) => {
      this.unread = Buffer.concat([this.unread, chunk]);
      this.read();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
      smsc.changed();
    });
  }

  /** The commands received so far. */
  get commands(): readonly string[] {
    return this.received.map(({ command }) => command);
  }

  /** Answers a request. */
  reply(request: LinkPdu, fields: Readonly<Record<string, unknown>> = {}): void {
    this.raw(encodePdu(`${request.command}_resp`, request.sequenceNumber, fields));
  }

  /** Sends a request of the SMSC's own; returns its sequence number. */
  request(command: string, fields: Readonly<Record<string, unknown>> = {}): number {
    this.lastSequence++;
    this.raw(encodePdu(command, this.lastSequence, fields));
    return this.lastSequence;
  }

  raw(octets: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(octets);
  }

  private read(): void {
    while (this.unread.length >= 4 && this.unread.length >= this.unread.readUInt32BE(0)) {
      const octets = this.unread.subarray(0, this.unread.readUInt32BE(0));
      this.unread = this.unread.subarray(octets.length);
      const pdu = decodePdu(octets);
      if (pdu === null) throw new Error(`npm smpp cannot read what the ESME sent: ${octets.toString('hex')}`);
      this.received.push(pdu);
      this.smsc.handle(this, pdu);
      this.smsc.changed();
    }
  }
}

export interface ScriptedSmscOptions {
  /** Certificate and key, PEM; absent: no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** 0 or absent: any free one. */
  readonly port?: number;
}

export type Script = (connection: SmscConnection, pdu: LinkPdu) => void;

export class ScriptedSmsc {
  readonly connections: SmscConnection[] = [];
  /** Command → what to do with it instead of the well-behaved answer. */
  readonly scripts = new Map<string, Script>();
  /** What happens to a new connection before any PDU. */
  onConnection: (connection: SmscConnection) => void = () => undefined;
  private readonly listeners = new Set<() => void>();
  private messageIds = 0;

  private constructor(private readonly server: Server) {}

  static async listen({ tls, port = 0 }: ScriptedSmscOptions = {}): Promise<ScriptedSmsc> {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    const smsc = new ScriptedSmsc(server);
    server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      smsc.accept(socket);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return smsc;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The newest connection. */
  get connection(): SmscConnection {
    const newest = this.connections.at(-1);
    if (newest === undefined) throw new Error('no ESME has connected');
    return newest;
  }

  /** PDUs of this command over all connections. */
  received(command: string): readonly LinkPdu[] {
    return this.connections.flatMap(({ received }) => received.filter((pdu) => pdu.command === command));
  }

  until(what: string, holds: () => boolean, deadlineMs?: number): Promise<void> {
    return eventually(
      (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      `${what}; received ${JSON.stringify(this.connections.map(({ commands }) => commands.slice(-8)))}`,
      holds,
      deadlineMs,
    );
  }

  handle(connection: SmscConnection, pdu: LinkPdu): void {
    const script = this.scripts.get(pdu.command);
    if (script === undefined) this.behave(connection, pdu);
    else script(connection, pdu);
  }

  /** What a well-behaved SMSC does. */
  behave(connection: SmscConnection, pdu: LinkPdu): void {
    if (pdu.command.startsWith('bind_')) connection.reply(pdu, { system_id: 'SCRIPTED' });
    else if (pdu.command === 'submit_sm') {
      this.messageIds++;
      connection.reply(pdu, { message_id: `id-${String(this.messageIds)}` });
    } else if (pdu.command === 'unbind') {
      connection.reply(pdu);
      connection.socket.end();
    } else if (pdu.command === 'enquire_link') connection.reply(pdu);
  }

  changed(): void {
    for (const listener of this.listeners) listener();
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const { socket } of this.connections) socket.destroy();
    await closed;
  }

  private accept(socket: Socket): void {
    const connection = new SmscConnection(socket, this);
    this.connections.push(connection);
    this.onConnection(connection);
    this.changed();
  }
}
