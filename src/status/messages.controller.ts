import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AppConfig } from '../config/config.js';
import { problem, ProblemError, refuse } from '../http/http.errors.js';
import { apiProblems, apiSchema } from '../http/openapi.js';
import { parseOrRefuse } from '../http/zod-problems.js';
import { Journal } from '../journal/journal.js';
import { messageStream } from '../lifecycle/message-stream.js';
import { readMsisdn } from '../message/msisdn.js';
import { type EventAnswer, eventAnswer, type MessageAnswer, messageAnswer } from './message-answer.js';
import { MessageViews } from './message-views.js';
import {
  MESSAGE_STATUSES,
  MessageEvents,
  MessagePage,
  MessageQuery,
  MessageSchema,
} from './status.openapi.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

@ApiTags('messages')
@Controller('v1/messages')
export class MessagesController {
  constructor(
    private readonly views: MessageViews,
    private readonly journal: Journal,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'findMessages', summary: 'Find messages, the newest first' })
  @ApiQuery({ name: 'to', required: false, description: 'Telephone number.' })
  @ApiQuery({ name: 'status', required: false, enum: MESSAGE_STATUSES })
  @ApiQuery({ name: 'batch', required: false })
  @ApiQuery({ name: 'cursor', required: false, description: 'nextCursor of the page before.' })
  @ApiQuery({ name: 'limit', required: false, description: 'Messages per page, 1 to 200; 50 unless given.' })
  @ApiResponse({ status: 200, description: 'One page.', schema: apiSchema(MessagePage) })
  @apiProblems(400, 503)
  async find(
    @Query() query: Record<string, unknown>,
  ): Promise<{ items: readonly MessageAnswer[]; nextCursor: string | null }> {
    const { to, status, batch, cursor, limit } = parseOrRefuse(MessageQuery, query);
    const after = cursor === undefined ? undefined : idOfCursor(cursor);
    const number = to === undefined ? undefined : this.e164(to);
    // One more than asked for tells whether there is a next page.
    const found = await this.views.search({ to: number, status, batch, after, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return {
      items: items.map(messageAnswer),
      nextCursor: found.length > limit && last !== undefined ? cursorOf(last.id) : null,
    };
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getMessage', summary: 'How a message stands' })
  @ApiResponse({ status: 200, description: 'The message.', schema: apiSchema(MessageSchema) })
  @apiProblems(404, 503)
  async get(@Param('id') id: string): Promise<MessageAnswer> {
    const view = await this.views.get(knownForm(id));
    if (view === undefined) throw notFound(id);
    return messageAnswer(view);
  }

  @Get(':id/events')
  @ApiOperation({
    operationId: 'getMessageEvents',
    summary: 'Everything that happened to a message, the oldest first',
  })
  @ApiResponse({ status: 200, description: 'Its events.', schema: apiSchema(MessageEvents) })
  @apiProblems(404, 503)
  async events(@Param('id') id: string): Promise<readonly EventAnswer[]> {
    const events = await this.journal.readStream(messageStream(knownForm(id)));
    if (events.length === 0) throw notFound(id);
    return events.map(eventAnswer);
  }

  private e164(to: string): string {
    // "+" in a query is a space unless it is written %2B, and nearly nobody writes %2B.
    const given = to.startsWith(' ') ? `+${to.slice(1)}` : to;
    const number = readMsisdn(given, this.config.message.defaultCountry);
    if (number.status === 'refused')
      throw refuse('invalid-request', [{ field: 'to', problem: number.problem, value: given }]);
    return number.e164;
  }
}

function knownForm(id: string): string {
  if (!UUID.test(id)) throw notFound(id);
  return id.toLowerCase();
}

function notFound(id: string): ProblemError {
  return new ProblemError(problem('not-found', `there is no message ${id.slice(0, 60)}`));
}

function cursorOf(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

function idOfCursor(cursor: string): string {
  const hex = Buffer.from(cursor, 'base64url').toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  if (!UUID.test(id))
    throw refuse('invalid-request', [{ field: 'cursor', problem: 'is none that this API gave out' }]);
  return id;
}
