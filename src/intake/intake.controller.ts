import { Body, Controller, Headers, HttpCode, Post, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { apiProblems, apiSchema } from '../http/openapi.js';
import { type Accepted, Intake } from './intake.js';
import { MessageAcceptedAnswer, PreviewAnswer } from './intake.openapi.js';
import { MessageRequest } from './message-request.js';
import { type Preview, Previews } from './previews.js';

@ApiTags('messages')
@Controller('v1/messages')
export class IntakeController {
  constructor(
    private readonly intake: Intake,
    private readonly previews: Previews,
  ) {}

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
  ): Promise<Omit<Accepted, 'replayed' | 'replaced'> & Partial<Accepted>> {
    const { id, status, replaced, replayed } = await this.intake.accept(body, idempotencyKey);
    reply.header('location', `/v1/messages/${id}`);
    if (replayed) reply.header('idempotent-replay', 'true');
    return replaced.length === 0 ? { id, status } : { id, status, replaced };
  }

  @Post('preview')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'previewMessage',
    summary: 'See how a message would be sent',
    description:
      'Checks the request as POST /v1/messages does and sends nothing. Parts are those of the form udh8; ' +
      'partsByForm has the others, of which the connector that carries the message chooses one.',
  })
  @ApiBody({ schema: apiSchema(MessageRequest) })
  @ApiResponse({ status: 200, description: 'How it would be sent.', schema: apiSchema(PreviewAnswer) })
  @apiProblems(400, 413, 415, 422)
  preview(@Body() body: unknown): Preview {
    return this.previews.preview(body);
  }
}
