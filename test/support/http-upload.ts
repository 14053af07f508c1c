// Uploads over a bare socket, for what fetch will not send: octets that stop in mid-line, lines
// without end, requests that are no HTTP.
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

export interface RawAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Sends `octets` as they are and reads the answer. */
export async function exchange(port: number, octets: string): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const upload = new RawUpload(socket);
  await upload.raw(octets);
  return upload.answer().finally(() => {
    upload.cut();
  });
}

/** Opens a socket and sends the head of a chunked upload; the body is up to the test. */
export async function openUpload(port: number, path: string, contentType: string): Promise<RawUpload> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const upload = new RawUpload(socket);
  await upload.raw(
    `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: ${contentType}\r\ntransfer-encoding: chunked\r\n\r\n`,
  );
  return upload;
}

export class RawUpload {
  private received = '';

  constructor(readonly socket: Socket) {
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.received += text;
    });
    // A reset while we still write is an outcome some tests provoke; the answer tells the rest.
    socket.on('error', () => undefined);
  }

  /** Octets as they are; resolves when the socket took them. */
  raw(octets: string | Buffer): Promise<void> {
    return new Promise((resolve) =>
      this.socket.write(octets, () => {
        resolve();
      }),
    );
  }

  /** One chunk of the body. */
  async chunk(octets: string | Buffer): Promise<void> {
    await this.raw(`${Buffer.byteLength(octets).toString(16)}\r\n`);
    await this.raw(octets);
    await this.raw('\r\n');
  }

  async end(): Promise<RawAnswer> {
    await this.raw('0\r\n\r\n');
    return this.answer();
  }

  /** The answer, whenever it comes. */
  async answer(): Promise<RawAnswer> {
    for (;;) {
      const [head, body] = this.received.split('\r\n\r\n', 2);
      const length = Number(/content-length: (\d+)/i.exec(head ?? '')?.[1] ?? NaN);
      if (body !== undefined && Buffer.byteLength(body) >= length) {
        return { status: Number(head?.split(' ')[1]), body: JSON.parse(body) as unknown };
      }
      if (this.socket.destroyed || this.socket.readableEnded)
        throw new Error(`no answer: ${JSON.stringify(this.received)}`);
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]);
    }
  }

  /** Goes away without ending the request. */
  cut(): void {
    this.socket.destroy();
  }
}
