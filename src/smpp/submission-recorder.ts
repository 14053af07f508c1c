// Makes durable how submits ended. What the SMSC has told us must not be forgotten because the
// store is away for a moment: it is kept and written again until it is recorded. One end that the
// store cannot take stops none of the others.
//
// | the append failed because       | then                                                   |
// |---------------------------------|--------------------------------------------------------|
// | the store is away               | the same again, until it is back                       |
// | of anything else, once          | the same again: it may have been a moment's trouble    |
// | of anything else, twice running | each by itself; what fails is set aside, and tried ever more rarely |
import type { Logger } from 'pino';
import type { Cancel, Clock } from '../clock/clock.js';
import { JournalUnavailableError } from '../journal/journal.errors.js';
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { RecordSubmission } from '../message/message.commands.js';

/** Commands in one append; more make the others wait longer than the commit itself. */
const BATCH = 1_000;

/**
 * Appends under way at once. With one alone, ends wait for the commit before theirs, and at full load
 * the receipt overtook a fifth of them: its message then has no MessageSubmitted of its own.
 */
const UNDER_WAY = 8;

const RETRY_MS = 500;

/** What was set aside is tried this often at least; a guess. */
const LONGEST_RETRY_MS = 60_000;

export class SubmissionRecorder {
  private queued: RecordSubmission[] = [];
  private writers = 0;
  private idle: (() => void)[] = [];
  private underWay = 0;
  private readonly aside = new Set<RecordSubmission>();
  private readonly cancels = new Set<Cancel>();

  constructor(
    private readonly lifecycle: MessageLifecycle,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'warn' | 'error'>,
    private readonly onRecorded: () => void,
  ) {}

  /** Ends not durable yet: the sender slows down when they pile up. */
  get pending(): number {
    return this.queued.length + this.underWay + this.aside.size;
  }

  record(commands: readonly RecordSubmission[]): void {
    if (commands.length === 0) return;
    this.queued.push(...commands);
    if (this.writers < UNDER_WAY) void this.writeAll();
  }

  /** Flushes, and tries no more what was set aside: the next process records it as in doubt. */
  async stop(): Promise<void> {
    await this.flush();
    for (const cancel of this.cancels) cancel();
    this.cancels.clear();
  }

  /** Resolves when everything recorded so far is durable or set aside. */
  async flush(): Promise<void> {
    if (this.writers > 0) await new Promise<void>((resolve) => void this.idle.push(resolve));
  }

  private async writeAll(): Promise<void> {
    this.writers++;
    try {
      while (this.queued.length > 0) {
        const batch = this.queued.splice(0, BATCH);
        this.underWay += batch.length;
        await this.write(batch);
        this.underWay -= batch.length;
        this.onRecorded();
      }
    } finally {
      // In the same turn as the last look at the queue, or what comes in between would stay there.
      this.writers--;
      if (this.writers === 0) for (const resolve of this.idle.splice(0)) resolve();
    }
  }

  private async write(batch: readonly RecordSubmission[]): Promise<void> {
    for (let faults = 0; ;) {
      try {
        await this.lifecycle.handleMany(batch);
        return;
      } catch (error) {
        this.log.warn(
          { error: String(error), submits: batch.length },
          'could not record submits; trying again',
        );
        faults = error instanceof JournalUnavailableError ? 0 : faults + 1;
        if (faults > 1) break;
        await this.clock.wait(RETRY_MS);
      }
    }
    for (const command of batch) await this.writeAlone(command, 1);
  }

  private async writeAlone(command: RecordSubmission, tries: number): Promise<void> {
    try {
      await this.lifecycle.handleMany([command]);
      this.aside.delete(command);
    } catch (error) {
      this.aside.add(command);
      const inMs = Math.min(RETRY_MS * 2 ** tries, LONGEST_RETRY_MS);
      this.log.error(
        { error: String(error), message: command.messageId, tries, inMs },
        'the end of a submit cannot be recorded; it is set aside and tried again',
      );
      const cancel = this.clock.after(inMs, () => {
        this.cancels.delete(cancel);
        void this.writeAlone(command, tries + 1);
      });
      this.cancels.add(cancel);
    }
  }
}
