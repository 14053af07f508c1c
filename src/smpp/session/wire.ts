// What a session needs of a socket, and the two real ways to get one. Credentials wait for
// `readyEvent`: on TLS that is the end of the verified handshake, never the TCP connect.
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { reasonOf } from './tls-reason.js';

export type Wire = Pick<
  Socket,
  'on' | 'once' | 'write' | 'end' | 'destroy' | 'pause' | 'resume' | 'writableNeedDrain' | 'writableLength'
>;

export interface TlsSettings {
  /** Trusted certificate authorities, PEM; absent: those of Node. */
  readonly ca?: string | Buffer;
  /** Our own certificate and key, PEM, when the SMSC asks for them. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Name sent as SNI and looked for in the certificate; absent: the host. */
  readonly servername?: string;
  /** False accepts any certificate: then anybody on the way can read the password. */
  readonly rejectUnauthorized?: boolean;
}

export interface DialTarget {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean | TlsSettings;
}

export interface Dialled {
  readonly wire: Wire;
  /** Null: it is ready already. */
  readonly readyEvent: 'connect' | 'secureConnect' | null;
}

/** Begins to connect. Always a new socket; failures come as its `error` and `close`. */
export type Dial = (target: DialTarget) => Dialled;

/** The network's dead peers are found by enquire_link; this only helps middleboxes keep the entry. */
const KEEP_ALIVE_MS = 60_000;

export const dialSocket: Dial = ({ host, port, tls }) => {
  const socketOptions = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
  if (tls === false) return { wire: connectTcp(socketOptions), readyEvent: 'connect' };
  const settings = tls === true ? {} : tls;
  const wire = connectTls({
    ...socketOptions,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...settings,
  });
  // tls.connect does not pass noDelay and keepAlive on to the TCP socket below (Node 20).
  wire.setNoDelay(true);
  wire.setKeepAlive(true, KEEP_ALIVE_MS);
  return { wire, readyEvent: 'secureConnect' };
};

export interface WireEvents {
  /** Connected; with TLS: and the SMSC is who it says. */
  ready(): void;
  data(chunk: Buffer): void;
  /** The socket takes more again. */
  drained(): void;
  /** The socket is of no further use; may come more than once. */
  gone(why: string): void;
}

export function listenToWire({ wire, readyEvent }: Dialled, events: WireEvents): void {
  let why = 'the SMSC closed the connection';
  const gone = (): void => {
    events.gone(why);
  };
  wire.on('error', (error: Error) => {
    why = reasonOf(error);
  });
  wire.on('close', gone);
  wire.on('end', gone);
  wire.on('drain', () => {
    events.drained();
  });
  wire.on('data', (chunk: Buffer) => {
    events.data(chunk);
  });
  const ready = (): void => {
    events.ready();
  };
  if (readyEvent === null) process.nextTick(ready);
  else wire.once(readyEvent, ready);
}
