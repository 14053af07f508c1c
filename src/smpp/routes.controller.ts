import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AppConfig } from '../config/config.js';
import { refuse } from '../http/http.errors.js';
import { apiProblems, apiSchema } from '../http/openapi.js';
import { parseOrRefuse } from '../http/zod-problems.js';
import { readMsisdn } from '../message/msisdn.js';
import { RouteAnswer, RoutePage, RouteQuestion } from './connectors.openapi.js';
import { Sender } from './sender.js';

@ApiTags('connectors')
@Controller('v1/routes')
export class RoutesController {
  constructor(
    private readonly sender: Sender,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listRoutes', summary: 'The routes in the order in which they are tried' })
  @ApiResponse({ status: 200, description: 'All routes.', schema: apiSchema(RoutePage) })
  list(): { items: readonly object[] } {
    return { items: this.sender.routesInOrder() };
  }

  @Post('preview')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'previewRoute',
    summary: 'Which connector such a message would take now, and why; nothing is sent',
  })
  @ApiBody({ schema: apiSchema(RouteQuestion) })
  @ApiResponse({ status: 200, description: 'The choice.', schema: apiSchema(RouteAnswer) })
  @apiProblems(400)
  preview(@Body() body: unknown): object {
    const question = parseOrRefuse(RouteQuestion, body);
    const read = readMsisdn(question.to, this.config.message.defaultCountry);
    if (read.status === 'refused') {
      throw refuse('invalid-request', [{ field: 'to', problem: read.problem, value: question.to }]);
    }
    const { route, connector, why } = this.sender.explain({ ...question, to: read.e164, last: null });
    const statuses = this.sender.statuses();
    return {
      route: route.name,
      connector,
      why,
      connectors: route.to.map(({ connector: name, weight }) => {
        const { state, reason } = statuses.find((status) => status.name === name) ?? {
          state: 'stopped',
          reason: 'there is no such connector any more',
        };
        return { name, weight, state, reason };
      }),
    };
  }
}
