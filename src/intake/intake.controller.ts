import { Body, Controller, Headers, HttpCode, Post, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { apiProblems, apiSchema } from '../http/openapi.js';
import { Intake } from './intake.js';
import { MessageAcceptedAnswer } from './intake.openapi.js';
import { MessageRequest } from './message-request.js';

@ApiTags('messages')
@Controller('v1/messages')
export class IntakeController {
  constructor(private readonly intake: Intake) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ operationId: 'acceptMessage', summary: 'Send a message' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Repeating a request with its key gives its answer again.',
  })
  @ApiBody({ schema: apiSchema(MessageRequest) })
  @ApiResponse({
    status: 202,
    description: 'The message is durable and will be sent.',
    schema: apiSchema(MessageAcceptedAnswer),
  })
  @apiProblems(400, 409, 413, 415, 422, 503)
  async accept(
    @Body() body: unknown,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ id: string; status: string }> {
    const { id, status, replayed } = await this.intake.accept(body, idempotencyKey);
    reply.header('location', `/v1/messages/${id}`);
    if (replayed) reply.header('idempotent-replay', 'true');
    return { id, status };
  }
}
