// The HTTP server: limits, request ids, content types, metrics. Knows no route.
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock, Randomness } from '../clock/clock.js';
import { newUuid } from '../clock/ids.js';
import type { Metrics } from '../health/metrics.js';
import { problem } from './http.errors.js';
import { answerTo, PROBLEM_TYPE } from './problem.filter.js';

/** A message of 255 UCS-2 parts escaped in JSON stays below it. Uploads are streams and not under it. */
const BODY_LIMIT_OCTETS = 128 * 1024;

// A sender that says nothing for so long, and reads nothing, is gone. Uploads that we hold back
// while the store restarts are quiet for less than a minute.
const SILENCE_TIMEOUT_MS = 120_000;

/** Content types whose body reaches the controller as a stream. */
const STREAMED = ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'text/csv'];

const REQUEST_ID = /^[\w.:-]{1,100}$/;

export function httpAdapter(clock: Clock, randomness: Randomness): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: BODY_LIMIT_OCTETS,
    connectionTimeout: SILENCE_TIMEOUT_MS,
    routerOptions: { maxParamLength: 300 },
    // The id the sender gave is kept, so that both sides' logs can be joined.
    genReqId: (request: IncomingMessage) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : newUuid(clock, randomness);
    },
    frameworkErrors: answerUnroutable,
    clientErrorHandler: answerUnreadable,
  });
}

/** Call once, after the application was created and before it listens. */
export function prepareHttp(app: NestFastifyApplication, metrics: Metrics): void {
  const server = app.getHttpAdapter().getInstance();
  server.removeContentTypeParser('text/plain');
  server.addContentTypeParser(STREAMED, (_request, payload, done) => {
    done(null, payload);
  });
  server.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
    done();
  });
  server.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    const labels = {
      route: request.routeOptions.url ?? 'none',
      method: request.method,
      status: String(reply.statusCode),
    };
    metrics.httpRequests.observe(labels, reply.elapsedTime / 1000);
    done();
  });
}

/** A path the router cannot read is answered before hooks and filters are there. */
function answerUnroutable(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const { problem: found } = answerTo(error);
  void reply
    .code(found.status)
    .header('x-request-id', request.id)
    .header('content-type', PROBLEM_TYPE)
    .send(JSON.stringify(found));
}

/** What cannot be read as HTTP never reaches the router: it is answered on the bare socket. */
function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  // The sender has gone; nobody reads an answer.
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = JSON.stringify({
    ...problem('invalid-request', 'what was sent is not a readable HTTP request'),
    status,
  });
  socket.end(
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\ncontent-type: ${PROBLEM_TYPE}\r\n` +
      `content-length: ${String(Buffer.byteLength(body))}\r\nconnection: close\r\n\r\n${body}`,
  );
}
