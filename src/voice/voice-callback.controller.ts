// Where the gateway reports on calls and asks what to say. A final report is answered 200 only
// after its event is durable; an unknown or repeated report changes nothing; bad input is a 400.
//
// | report    | call known                     | call unknown                  |
// |-----------|--------------------------------|-------------------------------|
// | picked up | 200, speak the message         | 200, hang up; logged          |
// | ended     | 200 once the event is durable  | 202, nothing recorded; logged |
import { Body, Controller, Logger, Param, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Clock } from '../clock/clock.js';
import { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import { HandleMessage } from '../lifecycle/message.handler.js';
import type { MessageCommand } from '../message/message.commands.js';
import type { KnownMessage } from '../message/message.js';
import { CallDirectory, type CallRef } from './call-directory.js';
import { CallbackSecrets } from './callback-secrets.js';
import { isRetryable } from './together-or-alone.js';
import { type CallReport, VoiceDialect } from './voice-dialect.js';
import { UnreadableReportError } from './voice.errors.js';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type EndReport = Exclude<CallReport, { kind: 'picked-up' }>;

// How long an outage of the store usually takes at least; a guess.
const RETRY_AFTER_SECONDS = '5';

@ApiTags('voice')
@Controller('v1/voice/callbacks')
export class VoiceCallbackController {
  private readonly log = new Logger(VoiceCallbackController.name);

  constructor(
    private readonly secrets: CallbackSecrets,
    private readonly dialect: VoiceDialect,
    private readonly directory: CallDirectory,
    private readonly commands: CommandBus,
    private readonly lifecycle: MessageLifecycle,
    private readonly clock: Clock,
  ) {}

  @Post(':secret')
  @ApiOperation({ operationId: 'receiveCallReport', summary: 'For the voice gateway: reports on calls' })
  async receive(
    @Param('secret') secret: string,
    @Body() body: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const answer = this.secrets.match(secret) ? await this.answerTo(body) : problem(404, 'Not Found');
    await reply.status(answer.status).headers(answer.headers).send(answer.body);
  }

  private async answerTo(body: unknown): Promise<Answer> {
    try {
      const report = this.dialect.readReport(body);
      const call = report.labelled ?? (await this.directory.find(report.sessionId));
      return report.kind === 'picked-up' ? await this.speak(report, call) : await this.record(report, call);
    } catch (error) {
      if (error instanceof UnreadableReportError) {
        return problem(400, 'Unreadable call report', {
          detail: error.message,
          errors: [{ field: error.field, problem: error.problem }],
        });
      }
      if (!isRetryable(error)) throw error;
      this.log.error(`call report not recorded, the gateway must repeat it: ${error.message}`);
      return problem(503, 'Store unavailable', { detail: 'Nothing was recorded; report again.' });
    }
  }

  private async speak(report: CallReport, call: CallRef | undefined): Promise<Answer> {
    const message = call && (await this.lifecycle.load([call.messageId])).get(call.messageId);
    // A message that was never called has nothing to say to whoever picked up.
    if (message === undefined || !wasCalled(message)) {
      this.log.warn(`session ${report.sessionId} was picked up but belongs to no call of ours: hung up`);
      return instructed(this.dialect.hangUp());
    }
    return instructed(this.dialect.speak(message.text, message.locale));
  }

  private async record(report: EndReport, call: CallRef | undefined): Promise<Answer> {
    if (call === undefined) return this.unknown(report);
    const command = commandFor(report, call, this.clock.isoNow());
    const handled = await this.commands.execute(new HandleMessage(command));
    if (handled.status !== 'handled') return this.unknown(report);
    return { status: 200, headers: {}, body: '' };
  }

  private unknown(report: EndReport): Answer {
    this.log.warn(`session ${report.sessionId} ended (${report.kind}) but belongs to no call of ours`);
    return { status: 202, headers: {}, body: '' };
  }
}

function wasCalled({ voice }: KnownMessage): boolean {
  return voice.state === 'due' ? voice.callsMade > 0 : voice.state !== 'none';
}

function commandFor(report: EndReport, call: CallRef, at: string): MessageCommand {
  const { messageId, attempt } = call;
  const { sessionId, raw } = report;
  if (report.kind === 'answered') {
    const { durationSeconds } = report;
    return { type: 'RecordCallAnswered', messageId, at, attempt, sessionId, durationSeconds, raw };
  }
  const { failure, reason } = report;
  return { type: 'RecordCallFailed', messageId, at, attempt, sessionId, failure, reason, raw };
}

function instructed(instruction: { readonly contentType: string; readonly body: string }): Answer {
  return { status: 200, headers: { 'content-type': instruction.contentType }, body: instruction.body };
}

/** RFC 9457. Written here, not thrown, so that no filter can put the URL with its secret into it. */
function problem(status: number, title: string, more: object = {}): Answer {
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(status === 503 && { 'retry-after': RETRY_AFTER_SECONDS }),
    },
    body: JSON.stringify({ type: 'about:blank', title, status, ...more }),
  };
}
