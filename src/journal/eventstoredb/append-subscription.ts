// Hears from EventStoreDB that some process appended. The client's subscription is dead after its
// first error, and a silent one cannot be told from a quiet journal: a poll backs it up.
//
// | state      | event                       | next       | action                            |
// |------------|-----------------------------|------------|-----------------------------------|
// | subscribing| confirmed                   | subscribed | wake: what came before is unheard |
// | subscribing| error, end, no answer       | waiting    | back off: 100 ms doubling to 5 s  |
// | subscribed | event                       | subscribed | wake                              |
// | subscribed | poll due                    | subscribed | wake                              |
// | subscribed | error, end                  | waiting    | back off                          |
// | waiting    | back-off over               | subscribing| wake: readers ask the server      |
// | any        | close                       | closed     | unsubscribe                       |
import {
  type AllStreamSubscription,
  END,
  type EventStoreDBClient,
  streamNameFilter,
} from '@eventstore/db-client';
import type { Cancel, Clock } from '../../clock/clock.js';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;
const CONFIRMATION_TIMEOUT_MS = 5_000;
/** How late a reader is at most when the subscription has fallen silent unnoticed. A guess. */
const POLL_MS = 1_000;
/** Checkpoints are not used: as few as may be. In windows of 32 events. */
const CHECKPOINT_INTERVAL = 1_000;

export class AppendSubscription {
  private state: 'idle' | 'subscribing' | 'subscribed' | 'waiting' | 'closed' = 'idle';
  private subscription: AllStreamSubscription | undefined;
  private backoffMs = FIRST_BACKOFF_MS;
  private cancelTimer: Cancel = () => undefined;
  private wakeDue = false;

  constructor(
    private readonly client: EventStoreDBClient,
    private readonly prefix: string,
    private readonly clock: Clock,
    private readonly wake: () => void,
  ) {}

  start(): void {
    if (this.state === 'idle') this.subscribe();
  }

  async close(): Promise<void> {
    this.state = 'closed';
    this.cancelTimer();
    await this.drop();
  }

  private subscribe(): void {
    this.state = 'subscribing';
    const subscription = this.client.subscribeToAll({
      fromPosition: END,
      filter: streamNameFilter({ prefixes: [this.prefix], checkpointInterval: CHECKPOINT_INTERVAL }),
    });
    this.subscription = subscription;
    const lost = (): void => {
      if (this.subscription === subscription) this.wait();
    };
    subscription.on('confirmation', () => {
      if (this.subscription === subscription) this.confirmed();
    });
    subscription.on('data', () => {
      if (this.subscription === subscription) this.wakeSoon();
    });
    subscription.on('error', lost);
    subscription.on('end', lost);
    this.cancelTimer = this.clock.after(CONFIRMATION_TIMEOUT_MS, lost);
  }

  private confirmed(): void {
    this.state = 'subscribed';
    this.backoffMs = FIRST_BACKOFF_MS;
    this.poll();
  }

  private poll(): void {
    this.wakeSoon();
    this.cancelTimer();
    this.cancelTimer = this.clock.after(POLL_MS, () => {
      this.poll();
    });
  }

  private wait(): void {
    this.cancelTimer();
    void this.drop();
    this.state = 'waiting';
    this.cancelTimer = this.clock.after(this.backoffMs, () => {
      this.wakeSoon();
      this.subscribe();
    });
    this.backoffMs = Math.min(2 * this.backoffMs, LONGEST_BACKOFF_MS);
  }

  private async drop(): Promise<void> {
    const { subscription } = this;
    this.subscription = undefined;
    // Its call may never have come about; then there is nothing to end.
    await subscription?.unsubscribe().catch(() => undefined);
  }

  /** Once for all events of one moment. */
  private wakeSoon(): void {
    if (this.wakeDue) return;
    this.wakeDue = true;
    queueMicrotask(() => {
      this.wakeDue = false;
      if (this.state !== 'closed') this.wake();
    });
  }
}
