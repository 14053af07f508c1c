import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { problem, ProblemError } from '../http/http.errors.js';
import { apiProblems, apiSchema } from '../http/openapi.js';
import { Journal, type RecordedEvent } from '../journal/journal.js';
import { BATCH_NAME, type BatchUploadEnded, batchStream, type UploadEnd } from '../message/batch.events.js';
import { type MessageCounts, MessageIndex, OpenWork } from './message-index.js';
import { BatchSchema, StatsSchema } from './status.openapi.js';

interface UploadState {
  readonly state: 'open' | UploadEnd;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly reason: string | null;
  readonly rows: number | null;
  readonly accepted: number | null;
  readonly rejected: number | null;
  readonly lastLine: number | null;
}

const NONE: MessageCounts = { messages: 0, byStatus: {}, byOutcome: {} };

@ApiTags('batches')
@Controller('v1')
export class BatchesController {
  constructor(
    private readonly index: MessageIndex,
    private readonly work: OpenWork,
    private readonly journal: Journal,
  ) {}

  @Get('batches/:id')
  @ApiOperation({ operationId: 'getBatch', summary: 'How the messages of a batch stand, counted' })
  @ApiResponse({ status: 200, description: 'The batch.', schema: apiSchema(BatchSchema) })
  @apiProblems(404, 503)
  async batch(@Param('id') id: string): Promise<{ id: string; upload: UploadState | null } & MessageCounts> {
    if (!BATCH_NAME.test(id)) throw notFound(id);
    const [counts, events] = await Promise.all([
      this.index.batchCounts(id),
      this.journal.readStream(batchStream(id)),
    ]);
    const upload = uploadState(events);
    if (counts === undefined && upload === null) throw notFound(id);
    return { id, ...(counts ?? NONE), upload };
  }

  @Get('stats')
  @ApiOperation({ operationId: 'getStats', summary: 'How all messages stand, counted' })
  @ApiResponse({ status: 200, description: 'The counts.', schema: apiSchema(StatsSchema) })
  @apiProblems(503)
  async stats(): Promise<MessageCounts & { queueDepth: number; waitingFor: object }> {
    const [totals, waitingFor] = await Promise.all([this.index.totals(), this.work.depth()]);
    return { ...totals, queueDepth: waitingFor['submit'] ?? 0, waitingFor };
  }
}

function notFound(id: string): ProblemError {
  return new ProblemError(problem('not-found', `there is no batch ${id.slice(0, 60)}`));
}

/** Null when the batch was not uploaded but named by single messages. */
function uploadState(events: readonly RecordedEvent[]): UploadState | null {
  const [started, ended] = events;
  if (started === undefined) return null;
  const open = { reason: null, rows: null, accepted: null, rejected: null, lastLine: null };
  const startedAt = started.metadata.at;
  if (ended === undefined) return { state: 'open', startedAt, endedAt: null, ...open };
  return { ...(ended.data as BatchUploadEnded), startedAt, endedAt: ended.metadata.at };
}
