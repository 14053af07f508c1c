// Walks through what is due for one kind of ask, page by page and then from the beginning again, so
// that messages of connectors this process does not have cannot hide the others.
import type {
  AwaitingOutcomeQueries,
  LaneCursor,
} from '../../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import type { MessageLifecycle } from '../../lifecycle/message-lifecycle.js';
import type { KnownMessage } from '../../message/message.js';

export class DueOrders {
  private cursor: LaneCursor | null = null;

  constructor(
    private readonly awaiting: Pick<AwaitingOutcomeQueries, 'dueAfter'>,
    private readonly lifecycle: Pick<MessageLifecycle, 'load'>,
    private readonly waitingFor: 'query' | 'cancel' | 'replace',
  ) {}

  /** The next due messages as the journal tells them, at most `limit`. */
  async next(now: string, limit: number): Promise<readonly KnownMessage[]> {
    const page = await this.awaiting.dueAfter(this.waitingFor, now, this.cursor, limit);
    this.cursor = page.length < limit ? null : (page.at(-1) ?? null);
    if (page.length === 0) return [];
    const known = await this.lifecycle.load(page.map(({ messageId }) => messageId));
    return [...known.values()];
  }
}
