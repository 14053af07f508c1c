// Appends to one stream that several processes share, where nobody cares for the revision: it
// follows the stream's end by the conflicts it meets. Appends run one after another.
import { type Journal, NO_STREAM, type NewEvent } from '../journal/journal.js';

/** Each conflict tells the right revision; only a storm of other writers could need more. */
const MAX_TRIES = 20;

export class SingleStream {
  private revision = NO_STREAM;
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly journal: Journal,
    private readonly stream: string,
  ) {}

  /** Durable when it resolves. @throws what Journal.append throws; append the same events again. */
  append(events: readonly NewEvent[]): Promise<void> {
    const appended = this.last.then(() => this.appendNow(events));
    this.last = appended.catch(() => undefined); // one failure must not fail those behind it
    return appended;
  }

  private async appendNow(events: readonly NewEvent[]): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const [outcome] = await this.journal.append([
        { stream: this.stream, expectedRevision: this.revision, events },
      ]);
      if (outcome?.status === 'appended') {
        this.revision = outcome.revision;
        return;
      }
      if (outcome?.status === 'conflict') this.revision = outcome.error.actual;
    }
    throw new Error(`stream ${this.stream} kept changing; append again`);
  }
}
