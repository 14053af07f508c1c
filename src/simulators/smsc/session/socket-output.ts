// Everything that leaves one socket. PDUs gather in the writer and leave in one write per turn;
// while the peer does not read, nothing more is read from it either.
import type { Socket } from 'node:net';
import type { Settings } from '../outcome/settings.js';
import { PduWriter } from '../wire/pdu-writer.js';

/** Guess: a write of this size costs little per PDU and bounds what piles up in memory. */
const MAX_WRITE_OCTETS = 256 * 1024;

export class SocketOutput {
  readonly writer = new PduWriter();
  private crumbs = Buffer.alloc(0);
  private crumbling = false;
  private endRequested = false;

  /** @param drained room again after `blocked` */
  constructor(
    private readonly socket: Socket,
    private readonly settings: () => Settings,
    drained: () => void,
  ) {
    socket.on('drain', () => {
      socket.resume();
      drained();
    });
  }

  /** Whether the peer is behind with reading, or one write's worth is waiting to be flushed. */
  get blocked(): boolean {
    return this.socket.writableNeedDrain || this.writer.pendingOctets >= MAX_WRITE_OCTETS;
  }

  flush(): void {
    if (this.writer.pendingOctets === 0) return;
    const octets = this.writer.take();
    if (this.socket.destroyed || this.socket.writableEnded) return;
    if (this.crumbling || this.settings().writeChunkOctets > 0) this.crumble(octets);
    else this.write(octets);
  }

  /** Closes behind everything written so far. */
  end(): void {
    this.flush();
    this.endRequested = true;
    if (!this.crumbling) this.socket.end();
  }

  private write(octets: Buffer): void {
    if (!this.socket.write(octets)) this.socket.pause();
  }

  private crumble(octets: Buffer): void {
    this.crumbs = Buffer.concat([this.crumbs, octets]);
    if (this.crumbling) return;
    this.crumbling = true;
    this.writeCrumb();
  }

  private readonly writeCrumb = (): void => {
    if (this.socket.destroyed) return;
    const size = this.settings().writeChunkOctets;
    const crumb = size === 0 ? this.crumbs : this.crumbs.subarray(0, size);
    this.crumbs = this.crumbs.subarray(crumb.length);
    this.write(crumb);
    if (this.crumbs.length > 0) {
      setImmediate(this.writeCrumb);
      return;
    }
    this.crumbling = false;
    if (this.endRequested) this.socket.end();
  };
}
