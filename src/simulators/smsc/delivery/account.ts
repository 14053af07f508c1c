// One system_id: its deliveries go out in order, round robin over the sessions that receive;
// they wait here while no session is bound or every window is full.
import type { Delivery } from './delivery.js';

export interface Receiver {
  /** Whether its window and its socket have room. */
  readonly canDeliver: boolean;
  deliver(delivery: Delivery): void;
  flush(): void;
}

/** The spent head is cut off when it is this long and longer than the rest: cheap per delivery. */
const COMPACT_AT = 4096;

export class Account {
  private readonly receivers: Receiver[] = [];
  private turn = 0;
  private outbox: Delivery[] = [];
  private head = 0;

  constructor(
    readonly systemId: string,
    readonly password: string,
  ) {}

  get waiting(): number {
    return this.outbox.length - this.head;
  }

  join(receiver: Receiver): void {
    this.receivers.push(receiver);
  }

  leave(receiver: Receiver): void {
    const at = this.receivers.indexOf(receiver);
    if (at >= 0) this.receivers.splice(at, 1);
  }

  /** Puts it behind all others; it leaves with the next `pump`. */
  enqueue(delivery: Delivery): void {
    this.outbox.push(delivery);
  }

  /** Sends as much as the sessions take. */
  pump(): void {
    if (this.waiting === 0) return;
    while (this.fillWriters()) for (const receiver of this.receivers) receiver.flush();
  }

  /** Forgets what waits. */
  clear(): void {
    this.outbox = [];
    this.head = 0;
  }

  /** Hands out as much as fits into one write per session. False: nothing was handed out. */
  private fillWriters(): boolean {
    const before = this.waiting;
    for (let receiver = this.nextReceiver(); receiver !== undefined; receiver = this.nextReceiver()) {
      const delivery = this.outbox[this.head];
      if (delivery === undefined) break;
      this.head += 1;
      receiver.deliver(delivery);
    }
    const handedOut = this.waiting < before;
    if (this.head === this.outbox.length || (this.head > COMPACT_AT && this.head > this.waiting)) {
      this.outbox = this.outbox.slice(this.head);
      this.head = 0;
    }
    return handedOut;
  }

  private nextReceiver(): Receiver | undefined {
    let left = this.receivers.length;
    while (left > 0) {
      left -= 1;
      this.turn = (this.turn + 1) % this.receivers.length;
      const receiver = this.receivers[this.turn];
      if (receiver?.canDeliver === true) return receiver;
    }
    return undefined;
  }
}
