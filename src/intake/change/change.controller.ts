import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { apiProblems, apiSchema } from '../../http/openapi.js';
import { parseOrRefuse } from '../../http/zod-problems.js';
import { Change, type Changed } from './change.js';
import { CancelRequest, ChangeAnswer, ReplaceRequest } from './change.openapi.js';

const DONE = { status: 200, description: 'It is done.', schema: apiSchema(ChangeAnswer) };
const REQUESTED = {
  status: 202,
  description: 'The request is durable, and the SMSC is asked.',
  schema: apiSchema(ChangeAnswer),
};

@ApiTags('messages')
@Controller('v1/messages')
export class ChangeController {
  constructor(private readonly change: Change) {}

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'cancelMessage',
    summary: 'Cancel a message: nothing more is sent, and nobody is called',
  })
  @ApiBody({ schema: apiSchema(CancelRequest), required: false })
  @ApiResponse(DONE)
  @ApiResponse(REQUESTED)
  @apiProblems(400, 404, 409, 503)
  async cancel(
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Changed> {
    const { reason } = parseOrRefuse(CancelRequest, body ?? {});
    return answer(await this.change.cancel(id, reason), reply);
  }

  @Post(':id/replace')
  @HttpCode(200)
  @ApiOperation({ operationId: 'replaceText', summary: 'Replace the text of a message not yet delivered' })
  @ApiBody({ schema: apiSchema(ReplaceRequest) })
  @ApiResponse(DONE)
  @ApiResponse(REQUESTED)
  @apiProblems(400, 404, 409, 415, 422, 503)
  async replace(
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Changed> {
    const { text } = parseOrRefuse(ReplaceRequest, body);
    return answer(await this.change.replace(id, text), reply);
  }
}

function answer(changed: Changed, reply: FastifyReply): Changed {
  reply.header('location', `/v1/messages/${changed.id}`);
  if (changed.state === 'requested') reply.code(202);
  return changed;
}
