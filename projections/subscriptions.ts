// The readers of the read models as one part of the service, and what others want to know of
// them: that something moved, and how far behind they are.
import type { Pool } from 'pg';
import type { LivingPart } from '../src/boot/lifespan.js';
import { BEGINNING, type Journal } from '../src/journal/journal.js';
import type { Subscription } from '../src/subscription/subscription.js';

export class Subscriptions implements LivingPart {
  readonly name = 'read models';
  readonly floor = 'readers';

  constructor(
    private readonly pool: Pool,
    private readonly journal: Journal,
    private readonly subscriptions: readonly Subscription[],
  ) {}

  start(): void {
    for (const subscription of this.subscriptions) subscription.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop()));
  }

  /** Calls `listener` after every commit of the reader `id`. Returns how to stop. */
  onMoved(id: string, listener: () => void): () => void {
    const subscription = this.subscriptions.find(({ options }) => options.id === id);
    if (subscription === undefined) throw new RangeError(`no read model ${id}`);
    return subscription.onMoved(listener);
  }

  /** Events of the journal that each read model has not taken in yet, whichever process reads. */
  async lags(): Promise<ReadonlyMap<string, bigint>> {
    const head = await this.journal.head();
    const positions = await this.positions();
    return new Map(
      this.subscriptions.map(({ options: { id } }) => {
        const lag = head - (positions.get(id) ?? BEGINNING);
        return [id, lag > 0n ? lag : 0n];
      }),
    );
  }

  /** Up to where in the journal the read model `id` has taken in everything, whichever process reads. */
  async positionOf(id: string): Promise<bigint> {
    return (await this.positions()).get(id) ?? BEGINNING;
  }

  private async positions(): Promise<ReadonlyMap<string, bigint>> {
    const { rows } = await this.pool.query<{ id: string; position: string }>(
      'select id, position::text from subscription.checkpoints',
    );
    return new Map(rows.map(({ id, position }) => [id, BigInt(position)]));
  }
}
