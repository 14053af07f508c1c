// Makes durable how submits ended. What the SMSC has told us must not be forgotten because the
// store is away for a moment: it is kept and written again until it is recorded.
import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.js';
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { RecordSubmission } from '../message/message.commands.js';

/** Commands in one append; more make the others wait longer than the commit itself. */
const BATCH = 1_000;

const RETRY_MS = 500;

export class SubmissionRecorder {
  private queued: RecordSubmission[] = [];
  private writing: Promise<void> | undefined;
  private underWay = 0;

  constructor(
    private readonly lifecycle: MessageLifecycle,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'warn'>,
    private readonly onRecorded: () => void,
  ) {}

  /** Ends not durable yet: the sender slows down when they pile up. */
  get pending(): number {
    return this.queued.length + this.underWay;
  }

  record(commands: readonly RecordSubmission[]): void {
    if (commands.length === 0) return;
    this.queued.push(...commands);
    this.writing ??= this.writeAll();
  }

  /** Resolves when everything recorded so far is durable. */
  async flush(): Promise<void> {
    while (this.writing !== undefined) await this.writing;
  }

  private async writeAll(): Promise<void> {
    try {
      while (this.queued.length > 0) {
        const batch = this.queued.splice(0, BATCH);
        this.underWay = batch.length;
        await this.write(batch);
        this.underWay = 0;
        this.onRecorded();
      }
    } finally {
      // In the same turn as the last look at the queue, or what comes in between would stay there.
      this.writing = undefined;
    }
  }

  private async write(batch: readonly RecordSubmission[]): Promise<void> {
    for (;;) {
      try {
        await this.lifecycle.handleMany(batch);
        return;
      } catch (error) {
        this.log.warn(
          { error: String(error), submits: batch.length },
          'could not record submits; trying again',
        );
        await this.clock.wait(RETRY_MS);
      }
    }
  }
}
