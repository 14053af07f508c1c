// A read model for tests of the status API: folded from the journal when `catchUp` is called, so
// that a test decides how far it lags behind.
import type { MessageView } from '../../projections/message-status/message-view.js';
import { BEGINNING, type Journal } from '../../src/journal/journal.js';
import { messageIdOf } from '../../src/lifecycle/message-stream.js';
import { viewOfEvents } from '../../src/status/message-answer.js';
import { type MessageCounts, type MessageSearch, MessageViews } from '../../src/status/message-views.js';

export class JournalViews extends MessageViews {
  private readonly views = new Map<string, MessageView>();

  constructor(private readonly journal: Journal) {
    super();
  }

  async catchUp(): Promise<void> {
    const events = await this.journal.readAll(BEGINNING, 1_000_000);
    const ids = new Set(events.flatMap(({ stream }) => messageIdOf(stream) ?? []));
    for (const id of ids) {
      const view = viewOfEvents(events.filter(({ stream }) => messageIdOf(stream) === id));
      if (view !== undefined) this.views.set(id, view);
    }
  }

  override find(messageId: string): Promise<MessageView | undefined> {
    return Promise.resolve(this.views.get(messageId));
  }

  override search({ to, status, batch, after, limit }: MessageSearch): Promise<readonly MessageView[]> {
    const found = [...this.views.values()].filter(
      (view) =>
        (to === undefined || view.to === to) &&
        (status === undefined || view.status === status) &&
        (batch === undefined || view.batch === batch) &&
        (after === undefined || view.id < after),
    );
    return Promise.resolve(found.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit));
  }

  override batchCounts(batch: string): Promise<MessageCounts | undefined> {
    const views = [...this.views.values()].filter((view) => view.batch === batch);
    return Promise.resolve(views.length === 0 ? undefined : counted(views));
  }

  override totals(): Promise<MessageCounts> {
    return Promise.resolve(counted([...this.views.values()]));
  }
}

function counted(views: readonly MessageView[]): MessageCounts {
  const byStatus: Record<string, number> = {};
  const byOutcome: Record<string, number> = {};
  for (const { status, outcome } of views) {
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    byOutcome[outcome] = (byOutcome[outcome] ?? 0) + 1;
  }
  return { messages: views.length, byStatus, byOutcome };
}
