// Closes calls whose final report did not come in time: their outcome is unknown, and they are
// not placed again. Also the end of a call whose process died before it could record anything.
import { Logger } from '@nestjs/common';
import type { Clock } from '../../clock/clock.js';
import type { MessageLifecycle } from '../../lifecycle/message-lifecycle.js';
import type { RecordCallOutcomeUnknown } from '../../message/message.commands.js';
import type { KnownMessage } from '../../message/message.js';
import type { DueCalls } from '../due-calls.js';
import { togetherOrAlone } from '../together-or-alone.js';

// Closed in one go: one command list, one append.
const BATCH = 200;

export class ReportDeadline {
  private readonly log = new Logger(ReportDeadline.name);
  private closed = 0;

  constructor(
    private readonly lifecycle: MessageLifecycle,
    private readonly dueCalls: DueCalls,
    private readonly clock: Clock,
  ) {}

  /** Calls closed so far. */
  get closedCalls(): number {
    return this.closed;
  }

  /** Closes what is overdue now. Repeating it changes nothing; throws when the store is down. */
  async closeOverdue(): Promise<void> {
    const at = this.clock.isoNow();
    const rows = await this.dueCalls.overdueReports(at, BATCH);
    if (rows.length === 0) return;
    await togetherOrAlone(
      rows.map((row) => row.messageId),
      (messageIds) => this.close(messageIds, at),
      (messageId, error) => {
        this.log.error(`message ${messageId} has an overdue call that cannot be closed: ${String(error)}`);
      },
    );
  }

  private async close(messageIds: readonly string[], at: string): Promise<void> {
    const commands: RecordCallOutcomeUnknown[] = [];
    // The read model may lag: the journal says whether the call is still open.
    for (const message of (await this.lifecycle.load(messageIds)).values()) {
      const command = closingOf(message, at);
      if (command !== null) commands.push(command);
    }
    if (commands.length === 0) return;
    const handled = await this.lifecycle.handleMany(commands);
    this.closed += handled.filter((one) => one.status === 'handled' && one.events.length > 0).length;
  }
}

function closingOf({ messageId, voice }: KnownMessage, at: string): RecordCallOutcomeUnknown | null {
  // Both instants are ISO 8601 UTC with milliseconds: they compare as texts.
  if (voice.state !== 'calling' || voice.reportDueAt > at) return null;
  const { attempt, sessionId, reportDueAt } = voice;
  const detail = `no final report by ${reportDueAt} (session ${sessionId ?? 'never known'})`;
  return { type: 'RecordCallOutcomeUnknown', messageId, at, attempt, cause: 'no-final-report', detail };
}
