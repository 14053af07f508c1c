// Makes the outcomes of call requests durable: together while one write is under way, and again
// and again while the store is down, because asking the gateway a second time is no way out.
import { Logger } from '@nestjs/common';
import type { Cancel, Clock } from '../../clock/clock.js';
import type { MessageLifecycle } from '../../lifecycle/message-lifecycle.js';
import type { MessageCommand } from '../../message/message.commands.js';
import { togetherOrAlone } from '../together-or-alone.js';

interface Entry {
  readonly command: MessageCommand;
  readonly done: () => void;
}

export class CallRecorder {
  private readonly log = new Logger(CallRecorder.name);
  private waiting: Entry[] = [];
  private writing = false;
  private hurrying = false;
  private endPause: (() => void) | null = null;

  constructor(
    private readonly lifecycle: MessageLifecycle,
    private readonly clock: Clock,
    private readonly retryMs: number,
  ) {}

  /** Resolves when the command is durable, or given up in a hurry. Never rejects. */
  record(command: MessageCommand): Promise<void> {
    const recorded = new Promise<void>((done) => {
      this.waiting.push({ command, done });
    });
    if (!this.writing) void this.write();
    return recorded;
  }

  /** From now on a failed write is not repeated: the process is stopping. */
  hurry(): void {
    this.hurrying = true;
    this.endPause?.();
  }

  private async write(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      if (await this.written(batch)) {
        for (const entry of batch) entry.done();
      } else {
        this.waiting = [...batch, ...this.waiting];
        await this.pause();
      }
    }
    this.writing = false;
  }

  /** True when there is nothing more to be done for the batch. */
  private async written(batch: readonly Entry[]): Promise<boolean> {
    // Read before the write: one that was under way when the hurry began gets its last try.
    const lastTry = this.hurrying;
    try {
      await togetherOrAlone(batch, (entries) => this.handle(entries), this.giveUp);
      return true;
    } catch (error) {
      const next = lastTry ? 'left to the report deadline' : 'recorded again';
      this.log.error(`${batch.length} call outcomes not recorded, ${next}: ${String(error)}`);
      return lastTry;
    }
  }

  private async handle(entries: readonly Entry[]): Promise<void> {
    const handled = await this.lifecycle.handleMany(entries.map((entry) => entry.command));
    entries.forEach((entry, index) => {
      const one = handled[index];
      if (one?.status === 'refused') this.giveUp(entry, one.error);
    });
  }

  private readonly giveUp = ({ command }: Entry, error: unknown): void => {
    this.log.error(`${command.type} of message ${command.messageId} cannot be recorded: ${String(error)}`);
  };

  private pause(): Promise<void> {
    if (this.hurrying) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel: Cancel = this.clock.after(this.retryMs, () => {
        this.endPause?.();
      });
      this.endPause = () => {
        cancel();
        this.endPause = null;
        resolve();
      };
    });
  }
}
