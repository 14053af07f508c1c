// The ports behind the status API: what the read models answer. They follow the journal and may
// be a moment behind it.
import type {
  FoundMessage,
  MessageCounts,
  MessageSearch,
} from '../../projections/message-status/message-status.queries.js';

export type { FoundMessage, MessageCounts, MessageSearch };

export abstract class MessageIndex {
  /** By id, descending. */
  abstract search(search: MessageSearch): Promise<readonly FoundMessage[]>;

  /** Undefined when no message of that batch is known. */
  abstract batchCounts(batch: string): Promise<MessageCounts | undefined>;

  abstract totals(): Promise<MessageCounts>;
}

export abstract class OpenWork {
  /** Open messages by what they wait for; what nothing waits for is absent. */
  abstract depth(): Promise<Readonly<Partial<Record<string, number>>>>;
}
