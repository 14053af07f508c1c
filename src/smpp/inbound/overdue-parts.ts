// Gives up the missing parts of messages from phones when their time is over. What is due stands in a
// read model with its instant, so a restart forgets nothing; several processes may look, the
// conversation's revision lets one of them decide.
import type { Logger } from 'pino';
import type { LackingParts } from '../../../projections/inbound/inbound.queries.js';
import type { Cancel, Clock } from '../../clock/clock.js';
import type { Conversations } from './conversations.js';

/** A guess: the time for parts is an hour, a few seconds more harm nobody. */
const POLL_MS = 5_000;

const BATCH = 200;

/** Finds what is overdue. */
export interface OverdueSearch {
  overdue(now: string, limit: number): Promise<readonly LackingParts[]>;
}

export class OverdueParts {
  private cancel: Cancel | undefined;
  private round: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly conversations: Pick<Conversations, 'handle'>,
    private readonly search: OverdueSearch,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  start(): void {
    this.cancel = this.clock.after(POLL_MS, () => {
      this.round = this.giveUp()
        .catch((error: unknown) => {
          this.log.warn({ error: String(error) }, 'could not give up missing parts; trying again');
        })
        .finally(() => {
          if (!this.stopped) this.start();
        });
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    await this.round;
  }

  private async giveUp(): Promise<void> {
    const at = this.clock.isoNow();
    const overdue = await this.search.overdue(at, BATCH);
    const results = await Promise.allSettled(
      overdue.map(({ inboundId, ours, theirs }) =>
        this.conversations.handle({ ours, theirs }, { type: 'GiveUpParts', at, inboundId }),
      ),
    );
    // One conversation that cannot be read must not keep the others waiting.
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}
