import { Readable } from 'node:stream';
import { Controller, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { problem, ProblemError } from '../http/http.errors.js';
import { apiProblems, apiSchema } from '../http/openapi.js';
import { type BulkAnswer, BulkIntake } from './bulk-intake.js';
import { UploadReportAnswer } from './intake.openapi.js';
import { MESSAGE_FIELDS } from './message-request.js';

const DEFAULTABLE = MESSAGE_FIELDS.filter((field) => !['to', 'reference', 'batch'].includes(field));

@ApiTags('messages')
@Controller('v1/messages/bulk')
export class BulkIntakeController {
  constructor(private readonly intake: BulkIntake) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    operationId: 'acceptUpload',
    summary: 'Send many messages',
    description:
      'One message per line. Read as it comes in: when this answers, every accepted row is durable. ' +
      `The query may give ${DEFAULTABLE.join(', ')} for rows that do not.`,
  })
  @ApiConsumes('application/x-ndjson', 'text/csv')
  @ApiQuery({
    name: 'batch',
    required: false,
    description: 'Name of the batch, used once. Default: a new one.',
  })
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiResponse({
    status: 202,
    description: 'The upload was read to its end.',
    schema: apiSchema(UploadReportAnswer),
  })
  @apiProblems(400, 409, 413, 415, 429, 503)
  async take(@Req() request: FastifyRequest, @Query() query: Record<string, unknown>): Promise<BulkAnswer> {
    const contentType = mediaType(request.headers['content-type']);
    if (!(request.body instanceof Readable)) {
      const hasType = contentType !== '';
      throw new ProblemError(
        hasType && request.body !== undefined && request.body !== null
          ? problem('unsupported-media-type', `send application/x-ndjson or text/csv, not ${contentType}`)
          : problem('invalid-request', 'the upload is empty: send one message per line'),
      );
    }
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      throw new ProblemError(
        problem('unsupported-media-type', `send the rows uncompressed, not as ${encoding}`),
      );
    }
    return this.intake.take(request.body, contentType, query);
  }
}

function mediaType(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
