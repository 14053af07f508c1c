import { BadRequestException, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { JournalUnavailableError } from '../journal/journal.errors.js';
import { problem, ProblemError, refuse, shown } from './http.errors.js';
import { answerTo } from './problem.filter.js';

function fastifyError(statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode, code: 'FST_ERR' });
}

describe('what is answered to an error', () => {
  it.each<[string, unknown, number, string]>([
    ['a problem as it is', new ProblemError(problem('not-found', 'no such batch')), 404, 'no such batch'],
    ["Nest's own refusals", new NotFoundException('Cannot GET /x'), 404, 'Cannot GET /x'],
    ["Fastify's own refusals", fastifyError(415, 'Unsupported Media Type'), 415, 'Unsupported Media Type'],
    ['statuses without a kind of their own', fastifyError(414, 'URI Too Long'), 414, 'URI Too Long'],
    ['a bad request', new BadRequestException('no'), 400, 'no'],
    [
      'anything else',
      new TypeError('x is undefined'),
      500,
      'it is recorded under the x-request-id of this answer',
    ],
    ['what is no error at all', 'thrown text', 500, 'it is recorded under the x-request-id of this answer'],
    [
      'a broken far end',
      fastifyError(502, 'upstream'),
      500,
      'it is recorded under the x-request-id of this answer',
    ],
  ])('is %s', (_what, error, status, detail) => {
    expect(answerTo(error).problem).toMatchObject({ status, detail });
  });

  it('is 503 with Retry-After to whatever may succeed later', () => {
    const answer = answerTo(new JournalUnavailableError('connection refused to 10.0.0.7'));
    expect(answer).toMatchObject({ problem: { status: 503 }, retryAfterSeconds: 2 });
    expect(JSON.stringify(answer.problem)).not.toContain('10.0.0.7');
  });
});

describe('a refusal', () => {
  it('names the first field in its detail and lists them all', () => {
    const errors = [
      { field: 'to', problem: 'is missing' },
      { field: 'text', problem: 'is missing' },
    ];
    expect(refuse('invalid-request', errors).problem).toMatchObject({
      status: 400,
      detail: 'to is missing (and 1 more)',
      errors,
    });
  });

  it('shows values of any kind on one short line', () => {
    expect([shown({ a: [1] }), shown(null), shown('x'.repeat(70)), shown(undefined)]).toEqual([
      '{"a":[1]}',
      'null',
      `${'x'.repeat(60)}…`,
      'nothing',
    ]);
  });
});
