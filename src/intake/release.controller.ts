// Lets a person send a quarantined message again: the answer is durable, the decision theirs.
import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Clock } from '../clock/clock.js';
import { problem, ProblemError } from '../http/http.errors.js';
import { apiProblems, apiSchema } from '../http/openapi.js';
import { HandleMessage } from '../lifecycle/message.handler.js';
import { MessageNotReleasableError, MessageUnknownError } from '../message/message.errors.js';
import { MessageReleasedAnswer } from './intake.openapi.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** As it stands in MessageReleased: the API asks nobody who they are. */
const REASON = 'asked for over the API';

@ApiTags('messages')
@Controller('v1/messages')
export class ReleaseController {
  constructor(
    private readonly commands: CommandBus,
    private readonly clock: Clock,
  ) {}

  @Post(':id/release')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'releaseMessage',
    summary: 'Send a quarantined message again, though it may be on the phone already',
  })
  @ApiResponse({
    status: 202,
    description: 'It is recorded, and the message will be sent.',
    schema: apiSchema(MessageReleasedAnswer),
  })
  @apiProblems(404, 409, 503)
  async release(@Param('id') id: string): Promise<{ id: string; status: string }> {
    if (!UUID.test(id)) throw notFound(id);
    const messageId = id.toLowerCase();
    const at = this.clock.isoNow();
    const handled = await this.commands.execute(
      new HandleMessage({ type: 'ReleaseMessage', messageId, at, reason: REASON }),
    );
    if (handled.status === 'handled') return { id: messageId, status: handled.message.status };
    const { error } = handled;
    if (error instanceof MessageUnknownError) throw notFound(id);
    if (error instanceof MessageNotReleasableError) {
      throw new ProblemError(problem('not-releasable', error.message), null, { cause: error });
    }
    throw error;
  }
}

function notFound(id: string): ProblemError {
  return new ProblemError(problem('not-found', `there is no message ${id.slice(0, 60)}`));
}
