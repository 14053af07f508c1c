// What an operator sees of the connectors, and what they can do to them. All of it concerns the
// process that is asked: every sender process has binds of its own.
import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AppConfig } from '../config/config.js';
import { problem, ProblemError } from '../http/http.errors.js';
import { apiProblems, apiSchema } from '../http/openapi.js';
import type { ConnectorLine } from './connector-line.js';
import { ConnectorPage, ConnectorSchema, ReloadedSchema } from './connectors.openapi.js';
import { Sender, type Reloaded } from './sender.js';
import { connectorSetOf } from './settings/connector-set.js';
import { ConnectorsFileError } from './smpp.errors.js';

@ApiTags('connectors')
@Controller('v1/connectors')
export class ConnectorsController {
  constructor(
    private readonly sender: Sender,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listConnectors', summary: 'All connectors with state and counters' })
  @ApiResponse({ status: 200, description: 'In the order of the file.', schema: apiSchema(ConnectorPage) })
  list(): { items: readonly object[] } {
    return { items: this.sender.statuses().map(({ name }) => answerOf(this.line(name))) };
  }

  @Post('reload')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'reloadConnectors',
    summary: 'Read CONNECTORS_FILE again; unchanged connectors stay bound',
  })
  @ApiResponse({ status: 200, description: 'What changed.', schema: apiSchema(ReloadedSchema) })
  @apiProblems(409, 422)
  async reload(): Promise<Reloaded> {
    this.sendsOrRefuse();
    if (this.config.smpp.connectorsFile === null) {
      throw new ProblemError(
        problem('no-connectors-file', 'CONNECTORS_FILE is not set: there is no file to read again'),
      );
    }
    try {
      return await this.sender.reload(connectorSetOf(this.config));
    } catch (error) {
      if (!(error instanceof ConnectorsFileError)) throw error;
      throw new ProblemError(problem('invalid-connectors', error.message, { faults: error.faults }), null, {
        cause: error,
      });
    }
  }

  @Get(':name')
  @ApiOperation({ operationId: 'getConnector', summary: 'One connector with state and counters' })
  @ApiParam({ name: 'name' })
  @ApiResponse({ status: 200, description: 'The connector.', schema: apiSchema(ConnectorSchema) })
  @apiProblems(404)
  get(@Param('name') name: string): object {
    return answerOf(this.line(name));
  }

  @Post(':name/pause')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'pauseConnector',
    summary: 'Send nothing new over it; its messages may go another way; receipts are still taken',
  })
  @ApiParam({ name: 'name' })
  @ApiResponse({ status: 200, description: 'The connector.', schema: apiSchema(ConnectorSchema) })
  @apiProblems(404, 409)
  pause(@Param('name') name: string): object {
    return this.act(name, (line) => {
      line.pause();
    });
  }

  @Post(':name/drain')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'drainConnector',
    summary: 'As pause; the state becomes drained when nothing is under way any more',
  })
  @ApiParam({ name: 'name' })
  @ApiResponse({ status: 200, description: 'The connector.', schema: apiSchema(ConnectorSchema) })
  @apiProblems(404, 409)
  drain(@Param('name') name: string): object {
    return this.act(name, (line) => {
      line.drain();
    });
  }

  @Post(':name/resume')
  @HttpCode(200)
  @ApiOperation({ operationId: 'resumeConnector', summary: 'End a pause or a drain' })
  @ApiParam({ name: 'name' })
  @ApiResponse({ status: 200, description: 'The connector.', schema: apiSchema(ConnectorSchema) })
  @apiProblems(404, 409)
  resume(@Param('name') name: string): object {
    return this.act(name, (line) => {
      line.resume();
    });
  }

  @Post(':name/rebind')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'rebindConnector',
    summary: 'Unbind in order and bind anew, from the first host on; what is under way is answered first',
  })
  @ApiParam({ name: 'name' })
  @ApiResponse({ status: 200, description: 'The connector.', schema: apiSchema(ConnectorSchema) })
  @apiProblems(404, 409)
  rebind(@Param('name') name: string): object {
    return this.act(name, (line) => {
      line.rebind();
    });
  }

  private act(name: string, what: (line: ConnectorLine) => void): object {
    const line = this.line(name);
    this.sendsOrRefuse();
    what(line);
    return answerOf(line);
  }

  private line(name: string): ConnectorLine {
    const line = this.sender.line(name);
    if (line !== undefined) return line;
    throw new ProblemError(problem('not-found', `there is no connector ${name.slice(0, 60)}`));
  }

  private sendsOrRefuse(): void {
    if (this.config.roles.has('smpp')) return;
    throw new ProblemError(
      problem('not-a-sender', 'this process does not run the role smpp: ask one that does'),
    );
  }
}

function answerOf(line: ConnectorLine): object {
  const { connector: counters, receipts, queued, submits, contractPerSecond, ...state } = line.status();
  const { bindsUp, windowInUse, currentSubmitsPerSecond, unansweredDelivers, ...more } = counters;
  const { sessions, congestionState, ...rest } = more;
  const { connector: options, inDoubtPolicy } = line.settings;
  return {
    ...state,
    hosts: options.hosts.map(({ host, port }) => `${host}:${String(port)}`),
    systemId: options.systemId,
    binds: {
      mode: options.bind,
      wanted: (options.bindCount ?? 1) * (options.bind === 'split' ? 2 : 1),
      up: bindsUp,
    },
    window: { size: line.windowSize, inUse: windowInUse },
    sessions,
    rate: { contract: contractPerSecond, now: currentSubmitsPerSecond, congestionState },
    inDoubt: inDoubtPolicy.then,
    queued,
    submits,
    receipts,
    unansweredDelivers,
    counters: rest,
  };
}
