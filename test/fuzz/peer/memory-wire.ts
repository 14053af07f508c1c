// A socket in memory for fuzzing: takes what is written, gives what the peer sends, keeps the
// order of events of a real socket (close after destroy, nothing after close, chunks wait while
// reading is paused).
import { EventEmitter } from 'node:events';

export class MemoryWire extends EventEmitter {
  /** The peer does not read: writes stay in the socket. */
  full = false;
  destroyed = false;
  writableEnded = false;
  private unread: Buffer[] = [];
  private unsent: (() => void)[] = [];
  private waiting: Buffer[] = [];
  private paused = false;

  get writableLength(): number {
    return this.full ? this.unread.reduce((sum, { length }) => sum + length, 0) : 0;
  }

  get writableNeedDrain(): boolean {
    return this.full && this.unsent.length > 0;
  }

  isGone(): boolean {
    return this.destroyed || this.writableEnded;
  }

  /** Chunks that wait because reading is paused. */
  hasUnread(): boolean {
    return this.waiting.length > 0 && !this.destroyed;
  }

  write(octets: Buffer, sent?: () => void): boolean {
    if (this.isGone()) return false;
    this.unread.push(octets);
    if (sent !== undefined || this.full) this.unsent.push(sent ?? (() => undefined));
    if (!this.full) this.send();
    return !this.full;
  }

  end(): this {
    this.writableEnded = true;
    return this;
  }

  destroy(): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    process.nextTick(() => this.emit('close'));
    return this;
  }

  resetAndDestroy(): this {
    return this.destroy();
  }

  pause(): this {
    this.paused = true;
    return this;
  }

  resume(): this {
    this.paused = false;
    this.readOn();
    return this;
  }

  /** The peer sends a chunk. */
  arrives(chunk: Buffer): void {
    if (this.destroyed) return;
    if (this.paused) this.waiting.push(chunk);
    else this.emit('data', chunk);
  }

  /** The peer reads again. */
  drain(): void {
    const wasFull = this.writableNeedDrain;
    this.full = false;
    this.send();
    if (wasFull) this.emit('drain');
  }

  lose(how: 'fin' | 'reset'): void {
    if (this.destroyed) return;
    if (how === 'fin') this.emit('end');
    else this.emit('error', new Error('read ECONNRESET'));
    this.destroyed = true;
    this.emit('close');
  }

  /** Octets written since the last call; none while the peer does not read. */
  taken(): Buffer {
    if (this.full) return Buffer.alloc(0);
    const octets = Buffer.concat(this.unread);
    this.unread = [];
    return octets;
  }

  /** A reader may pause again in the middle. */
  private readOn(): void {
    const chunk = this.paused ? undefined : this.waiting.shift();
    if (chunk === undefined) return;
    this.emit('data', chunk);
    this.readOn();
  }

  private send(): void {
    for (const sent of this.unsent.splice(0)) process.nextTick(sent);
  }
}

/** Lets pending writes and closes happen. */
export function ticked(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
