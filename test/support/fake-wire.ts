// An in-memory socket for specs of the SMPP session: what the session writes is read as PDUs, what
// the SMSC says is said by the spec, at once and in the chunks it chooses.
import { EventEmitter } from 'node:events';
import { decodePdu, encodePdu, type LinkPdu } from '../../src/smpp/link.js';
import type { Dialled, Wire } from '../../src/smpp/session/wire.js';

export class FakeWire {
  readonly dialled: Dialled;
  /** What the socket says of its send buffer. */
  full = false;
  unsentOctets = 0;
  ended = false;
  destroyed = false;
  /** The session does not read now. */
  paused = false;
  /** Every write, as octets. */
  readonly writes: Buffer[] = [];
  private readonly emitter = new EventEmitter();
  private seen = 0;

  constructor() {
    const wire = Object.assign(this.emitter, {
      write: (octets: Buffer): boolean => {
        this.writes.push(octets);
        return !this.full;
      },
      end: (): void => {
        this.ended = true;
      },
      destroy: (): void => {
        this.destroyed = true;
      },
      pause: (): void => {
        this.paused = true;
      },
      resume: (): void => {
        this.paused = false;
      },
    });
    Object.defineProperty(wire, 'writableNeedDrain', { get: () => this.full });
    Object.defineProperty(wire, 'writableLength', { get: () => this.unsentOctets });
    this.dialled = { wire: wire as unknown as Wire, readyEvent: 'connect' };
  }

  /** The socket is connected. */
  connect(): void {
    this.emitter.emit('connect');
  }

  drain(): void {
    this.full = false;
    this.emitter.emit('drain');
  }

  /** The link is gone. */
  lose(why?: string): void {
    if (why !== undefined) this.emitter.emit('error', new Error(why));
    this.emitter.emit('close');
  }

  /** The SMSC sends these octets as one chunk. */
  send(...pdus: readonly Buffer[]): void {
    this.emitter.emit('data', Buffer.concat(pdus));
  }

  /** PDUs that the session has written since the last call; lets the pending write happen first. */
  async received(): Promise<readonly LinkPdu[]> {
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    const pdus = pdusIn(Buffer.concat(this.writes.slice(this.seen)));
    this.seen = this.writes.length;
    return pdus;
  }

  /** The session binds and the SMSC lets it. */
  async bind(command = 'bind_transceiver'): Promise<void> {
    this.connect();
    const [bind] = await this.received();
    if (bind?.command !== command) throw new Error(`expected ${command}, got ${String(bind?.command)}`);
    this.send(encodePdu(`${command}_resp`, bind.sequenceNumber, { system_id: 'SMSC' }));
  }
}

function pdusIn(octets: Buffer): readonly LinkPdu[] {
  const pdus: LinkPdu[] = [];
  for (let at = 0; at < octets.length; at += octets.readUInt32BE(at)) {
    const pdu = decodePdu(octets.subarray(at, at + octets.readUInt32BE(at)));
    if (pdu === null)
      throw new Error(`the session wrote what npm smpp cannot read: ${octets.toString('hex', at)}`);
    pdus.push(pdu);
  }
  return pdus;
}
