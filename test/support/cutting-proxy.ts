// A TCP proxy that breaks the link at the worst moment: after the other end has read the request,
// in the middle of it, or before any of it arrives.
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where the next large request (an append, not the small talk of connecting) is cut. */
export type Cut = 'before' | 'middle' | 'after';

// Start-up messages and look-ups of the tests stay below.
const LARGE_OCTETS = 4_096;

export class CuttingProxy {
  cuts = 0;
  private armed: Cut | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: { readonly host: string; readonly port: number },
  ) {}

  static async open(targetUrl: string): Promise<CuttingProxy> {
    const { hostname, port } = new URL(targetUrl);
    const server = createServer();
    const proxy = new CuttingProxy(server, { host: hostname, port: Number(port) });
    server.on('connection', (near) => {
      proxy.join(near);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The same database through the proxy. */
  through(targetUrl: string): string {
    const address = this.server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the proxy is closed');
    const url = new URL(targetUrl);
    url.host = `127.0.0.1:${String(address.port)}`;
    return url.href;
  }

  cutNext(cut: Cut): void {
    this.armed = cut;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }

  private join(near: Socket): void {
    const far = connect(this.target.port, this.target.host);
    let silent = false;
    const drop = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on('error', drop);
      socket.on('close', () => {
        this.sockets.delete(socket);
        drop();
      });
    }
    far.on('data', (answer) => {
      // The answer to a cut request: it was carried out, and nobody hears of it.
      if (silent) drop();
      else near.write(answer);
    });
    near.on('data', (request) => {
      const cut = request.length >= LARGE_OCTETS ? this.armed : undefined;
      if (cut === undefined) {
        far.write(request);
        return;
      }
      this.armed = undefined;
      this.cuts += 1;
      if (cut === 'before') drop();
      else if (cut === 'middle') far.write(request.subarray(0, LARGE_OCTETS / 2), drop);
      else {
        silent = true;
        far.write(request);
      }
    });
  }
}
