// Attempts without an end whose sender process is gone: nobody will ever report on them, so
// their outcome is recorded as unknown. Run at start and whenever a neighbour may have died.
import type { Logger } from 'pino';
import type {
  AwaitingOutcomeQueries,
  SubmitLeftBehind,
} from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import type { Cancel, Clock } from '../clock/clock.js';
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { InDoubtPolicy, PartSubmission, RecordSubmission } from '../message/message.commands.js';
import { unendedParts } from './submission.js';

const BATCH = 500;
const INTERVAL_MS = 2_000;

export class LeftBehind {
  private cancel: Cancel | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly lifecycle: MessageLifecycle,
    private readonly open: Pick<AwaitingOutcomeQueries, 'submitsLeftBehind'>,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'info' | 'warn'>,
    private readonly options: {
      readonly sender: string;
      readonly inDoubtPolicyOf: (connector: string) => InDoubtPolicy;
    },
  ) {}

  start(): void {
    this.running = this.round();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    await this.running;
  }

  private async round(): Promise<void> {
    try {
      const leftBehind = await this.open.submitsLeftBehind(this.options.sender, BATCH);
      if (leftBehind.length > 0) await this.resolve(leftBehind);
    } catch (error) {
      this.log.warn({ error: String(error) }, 'could not look for attempts left behind; trying again');
    }
    if (this.stopped) return;
    this.cancel = this.clock.after(INTERVAL_MS, () => {
      this.running = this.round();
    });
  }

  private async resolve(leftBehind: readonly SubmitLeftBehind[]): Promise<void> {
    const at = this.clock.isoNow();
    const deadSenders = new Map(leftBehind.map(({ messageId, sender }) => [messageId, sender]));
    const commands: RecordSubmission[] = [];
    for (const [messageId, message] of await this.lifecycle.load([...deadSenders.keys()])) {
      const unended = unendedParts(message);
      if (unended === undefined || message.lastAttempt === null) continue;
      // The read model may be behind: a message attempted anew since then has a living sender.
      if (message.lastAttempt.sender !== deadSenders.get(messageId)) continue;
      const results = unended.parts.map((part): PartSubmission => ({
        part,
        end: 'unknown',
        cause: 'process-lost',
      }));
      const { connector } = message.lastAttempt;
      const inDoubtPolicy = this.options.inDoubtPolicyOf(connector);
      commands.push({
        type: 'RecordSubmission',
        messageId,
        at,
        attempt: unended.attempt,
        connector,
        inDoubtPolicy,
        results,
      });
    }
    if (commands.length === 0) return;
    await this.lifecycle.handleMany(commands);
    this.log.info({ messages: commands.length }, 'submits of a process that is gone are in doubt');
  }
}
