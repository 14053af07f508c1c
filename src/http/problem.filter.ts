// The last stop of every error of an HTTP request. Input errors answer 4xx with the reason;
// only a defect of ours answers 500, without its details.
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Log } from '../health/log.js';
import {
  isRetryable,
  type Problem,
  problem,
  ProblemError,
  PROBLEMS,
  type ProblemKind,
} from './http.errors.js';

// The journal reconnects with back-off within seconds; asking sooner only adds load.
const STORE_RETRY_AFTER_SECONDS = 2;

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

interface Answer {
  readonly problem: Problem;
  readonly retryAfterSeconds: number | null;
}

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const context = host.switchToHttp();
    const reply = context.getResponse<FastifyReply>();
    const request = context.getRequest<FastifyRequest>();
    const answer = answerTo(error);
    this.record(error, answer.problem, request);
    // The other side has gone (a cut upload): nobody reads an answer.
    if (reply.sent || request.raw.socket.destroyed) return;
    if (answer.retryAfterSeconds !== null) reply.header('retry-after', String(answer.retryAfterSeconds));
    void reply
      .code(answer.problem.status)
      .header('content-type', PROBLEM_TYPE)
      .send(JSON.stringify(answer.problem));
  }

  private record(error: unknown, { status, detail }: Problem, request: FastifyRequest): void {
    const facts = { requestId: request.id, method: request.method, route: request.routeOptions.url, status };
    if (status === 500) this.log.error({ ...facts, err: error }, 'a request failed for a reason of ours');
    else if (status === 503) this.log.warn({ ...facts, err: error }, detail);
    else this.log.debug(facts, 'a request was refused');
  }
}

/** What to answer to anything that can be thrown while a request is handled. */
export function answerTo(error: unknown): Answer {
  if (error instanceof ProblemError) return error;
  if (isRetryable(error)) {
    const detail =
      'nothing is lost: send the same request again, with the same Idempotency-Key if it had one';
    return { problem: problem('store-unavailable', detail), retryAfterSeconds: STORE_RETRY_AFTER_SECONDS };
  }
  const status = error instanceof HttpException ? error.getStatus() : statusCodeOf(error);
  if (status === null || status >= 500) {
    return {
      problem: problem('internal', 'it is recorded under the x-request-id of this answer'),
      retryAfterSeconds: null,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { problem: { ...problem(kindOf(status), message), status }, retryAfterSeconds: null };
}

/** Fastify's own errors (malformed JSON, body too large, wrong content type) carry a statusCode. */
function statusCodeOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('statusCode' in error)) return null;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 ? statusCode : null;
}

function kindOf(status: number): ProblemKind {
  const kinds = Object.keys(PROBLEMS) as ProblemKind[];
  return kinds.find((kind) => PROBLEMS[kind].status === status) ?? 'invalid-request';
}
