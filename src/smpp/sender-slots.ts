// Which shares of the work this process submits. Shares are leased, so that several sender
// processes divide them evenly; that nothing is sent twice does not rest on this but on the
// expected revision of SubmitAttempted.
import type { Cancel, Clock } from '../clock/clock.js';
import type { Lease, Leases } from '../subscription/leases.js';

const PRESENCE = 'sender/';

/** How soon a new or vanished sender changes the division. */
const REBALANCE_MS = 2_000;

export class SenderSlots {
  private readonly held = new Map<number, Lease>();
  private presence: Lease | null = null;
  private cancel: Cancel | undefined;
  private stopped = false;
  private round: Promise<void> = Promise.resolve();

  constructor(
    private readonly leases: Leases,
    private readonly clock: Clock,
    private readonly slotCount: number,
    private readonly onChanged: () => void,
  ) {}

  /** The slots held now, in no special order. */
  readonly slots = (): readonly number[] =>
    [...this.held].filter(([, lease]) => !lease.lost).map(([slot]) => slot);

  start(): void {
    this.round = this.rebalance();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    await this.round;
    const leases = [...this.held.values(), ...(this.presence === null ? [] : [this.presence])];
    this.held.clear();
    await Promise.allSettled(leases.map((lease) => this.leases.release(lease)));
  }

  private async rebalance(): Promise<void> {
    const before = this.slots().join();
    try {
      await this.takeFairShare();
    } catch {
      // The store is away: the slots held stay as they are until their leases run out.
    }
    if (this.slots().join() !== before) this.onChanged();
    if (!this.stopped) {
      this.cancel = this.clock.after(REBALANCE_MS, () => {
        this.round = this.rebalance();
      });
    }
  }

  private async takeFairShare(): Promise<void> {
    if (this.presence === null || this.presence.lost) {
      this.presence = await this.leases.acquire(PRESENCE + String(this.leases.processNumber));
    }
    const senders = Math.max(1, await this.leases.countHolders(PRESENCE));
    const fairShare = Math.ceil(this.slotCount / senders);
    for (const [slot, lease] of this.held) {
      if (lease.lost) {
        this.held.delete(slot);
      } else if (this.held.size > fairShare) {
        this.held.delete(slot);
        await this.leases.release(lease);
      }
    }
    for (let slot = 0; slot < this.slotCount && this.held.size < fairShare && !this.stopped; slot++) {
      if (this.held.has(slot)) continue;
      const lease = await this.leases.acquire(`sender-slot/${String(slot)}`);
      if (lease !== null) this.held.set(slot, lease);
    }
  }
}
