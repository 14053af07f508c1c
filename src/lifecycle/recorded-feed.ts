// What this process has just made durable, told at once to whoever in it can save a look at the
// read models by it. A convenience, never a source of truth: other processes' events do not come
// by here, and none come again after a restart.
import type { NewEvent } from '../journal/journal.js';

export type RecordedListener = (events: readonly NewEvent[]) => void;

export class RecordedFeed {
  private readonly listeners: RecordedListener[] = [];

  /** Listeners are called in turn, after every append, with the events in their streams' order. */
  subscribe(listener: RecordedListener): void {
    this.listeners.push(listener);
  }

  readonly publish: RecordedListener = (events) => {
    for (const listener of this.listeners) listener(events);
  };
}
