import { Controller, Get, Header, HttpCode, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { HealthChecks, type Readiness } from './health-checks.js';
import { Metrics } from './metrics.js';

@ApiTags('operations')
@Controller()
export class HealthController {
  constructor(
    private readonly checks: HealthChecks,
    private readonly metrics: Metrics,
  ) {}

  /** The process runs and its event loop turns. Restart it when this does not answer. */
  @Get('health/live')
  @HttpCode(200)
  @ApiOperation({ operationId: 'live', summary: 'Whether the process runs' })
  live(): { status: 'up' } {
    return { status: 'up' };
  }

  /** Whether this process should be sent work: 503 with the reasons while it should not. */
  @Get('health/ready')
  @ApiOperation({ operationId: 'ready', summary: 'Whether the process can do its work, and why not' })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.checks.readiness();
    if (readiness.status === 'down') void reply.code(503);
    return readiness;
  }

  @Get('metrics')
  @ApiExcludeEndpoint()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async exposition(): Promise<string> {
    return this.metrics.render();
  }
}
