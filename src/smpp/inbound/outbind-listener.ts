// Listens for SMSCs that invite us to bind (outbind, SMPP 3.4 §2.2.1 and §4.1.7). Off unless a port is
// configured. The peer is nobody until its address is on the list and its outbind holds the agreed
// account; only then is its connection handed on, to bind over it as a receiver.
//
// | state     | event                                    | next      | action                        |
// |-----------|------------------------------------------|-----------|-------------------------------|
// | –         | connection of a peer that is not listed  | closed    | nothing is read               |
// | –         | connection, too many wait already        | closed    | nothing is read               |
// | –         | connection                               | waiting   | start the timer               |
// | waiting   | outbind with the agreed account          | handed on | `invited`; closed if refused  |
// | waiting   | any other octets, or a wrong account     | closed    | logged without what it said   |
// | waiting   | time over, error, end                    | closed    |                               |
//
// Whoever passes gets our bind request with our own password: hence the list of addresses, which the
// specification knows nothing of. Put a tunnel in front where the way to the SMSC is not private.
import { createHash, timingSafeEqual } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import type { LivingPart } from '../../boot/lifespan.js';
import type { Clock } from '../../clock/clock.js';
import { COMMAND_ID, HEADER_OCTETS } from '../pdu/command-id.js';
import { Framer } from '../pdu/framer.js';
import type { Dialled } from '../session/wire.js';

export interface OutbindOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** IP addresses that may connect. */
  readonly peers: readonly string[];
  /** What the SMSC calls itself in its outbind. */
  readonly systemId: string;
  readonly password: string;
}

/** An SMSC sends outbind at once, or it is none. Jasmin gives a bind 30 s; this one has no password to look up. */
const OUTBIND_TIMEOUT_MS = 5_000;

/** Connections that have not proved anything yet. A guess: an SMSC opens one or two. */
const MAX_WAITING = 8;

/** §4.1.7.1: header, system_id of 16 octets, password of 9; 65 for SMSCs that allow longer ones. */
const MAX_OUTBIND_OCTETS = HEADER_OCTETS + 16 + 65;

const IPV4_MAPPED = '::ffff:';

export class OutbindListener implements LivingPart {
  readonly name = 'outbind listener';
  readonly floor = 'senders';
  private readonly waiting = new Set<Socket>();
  private readonly server: Server;
  private readonly peers: ReadonlySet<string>;

  /** @param invited takes over the connection; false: it cannot now, the connection is closed */
  constructor(
    private readonly options: OutbindOptions,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'info' | 'warn'>,
    private readonly invited: (dialled: Dialled) => boolean,
  ) {
    this.peers = new Set(options.peers);
    this.server = createServer({ noDelay: true }, (socket) => {
      this.connected(socket);
    });
  }

  /** Where it listens, once it has started. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** @throws the system's error when it cannot listen there */
  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.options.port, this.options.host, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    // A failed accept concerns one connection, never the service.
    this.server.on('error', (error) => {
      this.log.warn({ error: error.message }, 'could not accept a connection for outbind');
    });
  }

  /** Connections that were handed on are no longer ours to close. */
  stop(): void {
    this.server.close();
    for (const socket of this.waiting) socket.destroy();
  }

  private connected(socket: Socket): void {
    // The close that follows says all.
    socket.on('error', () => undefined);
    const peer = socket.remoteAddress?.replace(IPV4_MAPPED, '') ?? '';
    if (!this.peers.has(peer) || this.waiting.size >= MAX_WAITING) {
      const why = this.peers.has(peer) ? 'too many wait already' : 'the address is not listed';
      this.log.warn({ peer, why }, 'refused a connection for outbind');
      socket.destroy();
      return;
    }
    this.waiting.add(socket);
    const framer = new Framer(MAX_OUTBIND_OCTETS);
    const cancel = this.clock.after(OUTBIND_TIMEOUT_MS, () => {
      this.log.warn({ peer }, 'no outbind came in time');
      socket.destroy();
    });
    socket.once('close', () => {
      cancel();
      this.waiting.delete(socket);
    });
    socket.on('data', (chunk: Buffer) => {
      const pdus: Buffer[] = [];
      const fault = framer.push(chunk, (octets, start, end) => pdus.push(octets.subarray(start, end)));
      if (fault === null && pdus.length === 0 && framer.partial) return;
      cancel();
      this.waiting.delete(socket);
      const [pdu] = pdus;
      // Nothing may follow outbind before our bind request.
      const isAlone = fault === null && pdus.length === 1 && !framer.partial;
      if (isAlone && pdu !== undefined && this.isInvitation(pdu)) this.handOn(socket, peer);
      else {
        this.log.warn({ peer }, 'what came is no outbind of the agreed account');
        socket.destroy();
      }
    });
  }

  private isInvitation(pdu: Buffer): boolean {
    if (pdu.readUInt32BE(4) !== COMMAND_ID.outbind) return false;
    const [systemId, password, ...rest] = pdu.toString('latin1', HEADER_OCTETS).split('\0');
    // Both are compared, whatever the first comparison says.
    const matches = [
      isSame(systemId ?? '', this.options.systemId),
      isSame(password ?? '', this.options.password),
    ];
    return rest.length === 1 && matches.every(Boolean);
  }

  private handOn(socket: Socket, peer: string): void {
    socket.pause();
    socket.removeAllListeners('data');
    const taken = this.invited({ wire: socket, readyEvent: null });
    this.log.info({ peer, taken }, 'an SMSC invited us to bind');
    if (taken) socket.resume();
    else socket.destroy();
  }
}

/** In a time that tells nothing of the secret: digests have one length, whatever was given. */
function isSame(given: string, agreed: string): boolean {
  return timingSafeEqual(digest(given), digest(agreed));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'latin1').digest();
}
