import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { problem, ProblemError, refuse } from '../http/http.errors.js';
import { apiProblems, apiSchema } from '../http/openapi.js';
import { parseOrRefuse } from '../http/zod-problems.js';
import { type InboundAnswer, type InboundCursor, InboundViews } from './inbound-views.js';
import { InboundPage, InboundQuery, InboundSchema } from './inbound.openapi.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

@ApiTags('inbound')
@Controller('v1/inbound')
export class InboundController {
  constructor(private readonly views: InboundViews) {}

  @Get()
  @ApiOperation({ operationId: 'findInbound', summary: 'Messages from phones, the newest first' })
  @ApiQuery({ name: 'from', required: false, description: 'Telephone number of the sender, E.164.' })
  @ApiQuery({ name: 'to', required: false, description: 'The address it was sent to.' })
  @ApiQuery({ name: 'since', required: false, description: 'Received at or after this instant.' })
  @ApiQuery({ name: 'connector', required: false })
  @ApiQuery({ name: 'cursor', required: false, description: 'nextCursor of the page before.' })
  @ApiQuery({ name: 'limit', required: false, description: 'Messages per page, 1 to 200; 50 unless given.' })
  @ApiResponse({ status: 200, description: 'One page.', schema: apiSchema(InboundPage) })
  @apiProblems(400, 503)
  async find(
    @Query() query: Record<string, unknown>,
  ): Promise<{ items: readonly InboundAnswer[]; nextCursor: string | null }> {
    const { from, to, connector, since, cursor, limit } = parseOrRefuse(InboundQuery, query);
    // One more than asked for tells whether there is a next page.
    const found = await this.views.search({
      from: from === undefined ? undefined : withPlus(from),
      to: to === undefined ? undefined : withPlus(to),
      connector,
      since: since === undefined ? undefined : storable(since),
      after: cursor === undefined ? undefined : placeOfCursor(cursor),
      limit: limit + 1,
    });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, nextCursor: found.length > limit && last !== undefined ? cursorOf(last) : null };
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getInbound', summary: 'A message from a phone' })
  @ApiResponse({ status: 200, description: 'The message.', schema: apiSchema(InboundSchema) })
  @apiProblems(404, 503)
  async get(@Param('id') id: string): Promise<InboundAnswer> {
    const found = UUID.test(id) ? await this.views.find(id.toLowerCase()) : undefined;
    if (found === undefined) {
      throw new ProblemError(problem('not-found', `there is no inbound message ${id.slice(0, 60)}`));
    }
    return found;
  }
}

/** "+" in a query is a space unless it is written %2B, and nearly nobody writes %2B. */
function withPlus(address: string): string {
  return address.startsWith(' ') ? `+${address.slice(1)}` : address;
}

const LAST_MS = Date.UTC(9999, 11, 31);

/** In UTC, and within the years that a timestamp of the database and ISO 8601 write alike. */
function storable(instant: string): string {
  return new Date(Math.min(Math.max(Date.parse(instant), 0), LAST_MS)).toISOString();
}

function cursorOf({ receivedAt, id }: InboundCursor): string {
  return Buffer.from(`${receivedAt} ${id}`).toString('base64url');
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function placeOfCursor(cursor: string): InboundCursor {
  const [receivedAt = '', id = '', more] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const isOurs = INSTANT.test(receivedAt) && Date.parse(receivedAt) > 0 && UUID.test(id);
  if (!isOurs || more !== undefined)
    throw refuse('invalid-request', [{ field: 'cursor', problem: 'is none that this API gave out' }]);
  return { receivedAt, id };
}
