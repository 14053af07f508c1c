// A read model for tests of the status API: folded from the journal when `catchUp` is called, so
// that a test decides how far it lags behind.
import { BEGINNING, type Journal } from '../../src/journal/journal.js';
import { messageIdOf } from '../../src/lifecycle/message-stream.js';
import {
  type FoundMessage,
  type MessageCounts,
  MessageIndex,
  type MessageSearch,
} from '../../src/status/message-index.js';
import type { MessageView } from '../../src/status/message-view.js';
import { viewOfEvents } from '../../src/status/message-views.js';

export class JournalIndex extends MessageIndex {
  private readonly views = new Map<string, MessageView>();
  private readonly revisions = new Map<string, bigint>();

  constructor(private readonly journal: Journal) {
    super();
  }

  async catchUp(): Promise<void> {
    const events = await this.journal.readAll(BEGINNING, 1_000_000);
    const ids = new Set(events.flatMap(({ stream }) => messageIdOf(stream) ?? []));
    for (const id of ids) {
      const ofMessage = events.filter(({ stream }) => messageIdOf(stream) === id);
      const view = viewOfEvents(ofMessage);
      if (view !== undefined) this.views.set(id, view);
      this.revisions.set(id, ofMessage.at(-1)?.revision ?? 0n);
    }
  }

  override search({ to, status, batch, after, limit }: MessageSearch): Promise<readonly FoundMessage[]> {
    const found = [...this.views.values()].filter(
      (view) =>
        (to === undefined || view.to === to) &&
        (status === undefined || view.status === status) &&
        (batch === undefined || view.batch === batch) &&
        (after === undefined || view.id < after),
    );
    const page = found.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
    return Promise.resolve(page.map(({ id }) => ({ messageId: id, revision: this.revisions.get(id) ?? 0n })));
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
