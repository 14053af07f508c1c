// Messages as the status API shows them: folded from their streams when they are asked for. Keeping the
// view of every message in a row would be the largest part of all that is written for it (ADR 0013).
import type { Journal, RecordedEvent } from '../journal/journal.js';
import { messageStream, toMessageEvent } from '../lifecycle/message-stream.js';
import type { MessageIndex, MessageSearch } from './message-index.js';
import { evolveRecord, type MessageRecord, type MessageView, viewOf } from './message-view.js';

export class MessageViews {
  constructor(
    private readonly journal: Journal,
    private readonly index: MessageIndex,
  ) {}

  /**
   * As the journal has it now; undefined when there is no such message.
   * @throws UnknownEventError, MessageHistoryBrokenError when its first event cannot be followed
   */
  async get(messageId: string): Promise<MessageView | undefined> {
    return viewOfEvents(await this.journal.readStream(messageStream(messageId)));
  }

  /** As the read model has them, so that all of them are what was searched for. By id, descending. */
  async search(search: MessageSearch): Promise<readonly MessageView[]> {
    const found = await this.index.search(search);
    if (found.length === 0) return [];
    const streams = await this.journal.readStreams(found.map(({ messageId }) => messageStream(messageId)));
    return found.flatMap(({ messageId, revision }) => {
      const events = streams.get(messageStream(messageId)) ?? [];
      return viewOfEvents(events.filter((event) => event.revision <= revision)) ?? [];
    });
  }
}

/**
 * The view those events tell. A stream that a newer build has written to is shown as far as this one can
 * follow it, as the read models do.
 * @throws UnknownEventError, MessageHistoryBrokenError when not even its first event can be followed
 */
export function viewOfEvents(events: readonly RecordedEvent[]): MessageView | undefined {
  let record: MessageRecord | undefined;
  for (const event of events) {
    try {
      record = evolveRecord(record, toMessageEvent(event));
    } catch (error) {
      if (record === undefined) throw error;
      break;
    }
  }
  return record === undefined ? undefined : viewOf(record);
}
