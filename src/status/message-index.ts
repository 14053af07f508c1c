// The ports behind the status API: what the read models answer. They follow the journal and may
// be a moment behind it.

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

/** A message as far as the read model has read its stream. */
export interface FoundMessage {
  readonly messageId: string;
  /** Of the last event that the read model took in. */
  readonly revision: bigint;
}

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
