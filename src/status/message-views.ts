// The ports behind the status API: what the read models answer. They follow the journal and may
// be a moment behind it.
import type { MessageView } from '../../projections/message-status/message-view.js';

export interface MessageSearch {
  readonly to?: string | undefined;
  readonly status?: string | undefined;
  readonly batch?: string | undefined;
  /** Last id of the page before; the page continues behind it. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface MessageCounts {
  readonly messages: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byOutcome: Readonly<Record<string, number>>;
}

export abstract class MessageViews {
  abstract find(messageId: string): Promise<MessageView | undefined>;

  /** By id, descending. */
  abstract search(search: MessageSearch): Promise<readonly MessageView[]>;

  /** Undefined when no message of that batch is known. */
  abstract batchCounts(batch: string): Promise<MessageCounts | undefined>;

  abstract totals(): Promise<MessageCounts>;
}

export abstract class OpenWork {
  /** Open messages by what they wait for; what nothing waits for is absent. */
  abstract depth(): Promise<Readonly<Partial<Record<string, number>>>>;
}
