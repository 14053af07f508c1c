// A TCP proxy that can go silent without closing anything, as a lost route or a frozen peer does:
// both sides keep an open socket over which nothing comes any more.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class HalfOpenProxy {
  private readonly sockets = new Set<Socket>();
  private silent = false;

  private constructor(private readonly server: Server) {}

  static async listen(targetPort: number): Promise<HalfOpenProxy> {
    // allowHalfOpen: in silence not even the end of a side may reach the other.
    const server = createServer({ allowHalfOpen: true });
    const proxy = new HalfOpenProxy(server);
    server.on('connection', (near: Socket) => {
      proxy.join(near, connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From now on nothing passes on the connections there are; new ones pass. */
  goSilent(): void {
    this.silent = true;
    for (const socket of this.sockets) socket.pause();
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private join(near: Socket, far: Socket): void {
    this.silent = false;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (chunk: Buffer) => to.write(chunk));
      from.on('end', () => to.end());
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        if (!this.silent) to.destroy();
      });
    }
  }
}
