// The states that the newest appends and readings of this process led to: the lifecycle decides on them,
// and read models that follow spare themselves the way there. Never trusted beyond the revision.
import { RecentMap } from '../memory/recent-map.js';
import type { KnownMessage, Message } from '../message/message.js';
import type { UnknownEventError } from './lifecycle.errors.js';
import type { MessageHistoryBrokenError } from '../message/message.errors.js';

export interface Loaded {
  readonly message: Message;
  /** Of the last event that `message` holds. */
  readonly revision: bigint;
  /** Set when the stream was written by a newer build or is damaged: nothing may be decided on it here. */
  readonly unreadable?: UnknownEventError | MessageHistoryBrokenError;
}

/** About 1 KB each, up to twice as many. */
const OPEN_MESSAGES = 10_000;
/** Little ever happens to them again: as many as read models are behind at full speed. */
const SETTLED_MESSAGES = 4_000;

export class RecentStates {
  private readonly open = new RecentMap<string, Loaded>(OPEN_MESSAGES);
  private readonly settled = new RecentMap<string, Loaded>(SETTLED_MESSAGES);

  get(messageId: string): Loaded | undefined {
    return this.open.get(messageId) ?? this.settled.get(messageId);
  }

  set(messageId: string, loaded: Loaded): void {
    const { message } = loaded;
    if (message.status === 'none' || message.outcome === 'pending') {
      this.open.set(messageId, loaded);
    } else {
      this.open.delete(messageId);
      this.settled.set(messageId, loaded);
    }
  }

  delete(messageId: string): void {
    this.open.delete(messageId);
    this.settled.delete(messageId);
  }

  /** The message after exactly this event of its stream; undefined when that is not what is remembered. */
  at(messageId: string, revision: bigint): KnownMessage | undefined {
    const loaded = this.get(messageId);
    if (loaded?.revision !== revision || loaded.unreadable !== undefined) return undefined;
    return loaded.message.status === 'none' ? undefined : loaded.message;
  }
}
