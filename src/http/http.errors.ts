// Refusals as problem details (RFC 9457). A room throws ProblemError; the filter turns it, and
// everything else that was thrown, into application/problem+json.

/** One thing that is wrong with one field of a request. */
export interface FieldProblem {
  /** Path in the request, e.g. `channels[1].maxCalls`. */
  readonly field: string;
  /** Completes the sentence "<field> …" and names the way out. */
  readonly problem: string;
  /** What was given, cut to a readable length; absent when nothing was. */
  readonly value?: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly FieldProblem[];
  readonly [extension: string]: unknown;
}

/** kind → status and title. The kind is the last part of `type` and never changes its meaning. */
export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request cannot be understood' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'idempotency-key-in-use': { status: 409, title: 'A request with this Idempotency-Key is under way' },
  'not-changeable': { status: 409, title: 'The message can no longer be changed like this' },
  'batch-name-taken': { status: 409, title: 'This batch name is taken' },
  'no-connectors-file': { status: 409, title: 'There is no file of connectors' },
  'not-a-sender': { status: 409, title: 'This process does not send' },
  'not-releasable': { status: 409, title: 'This message cannot be released' },
  'too-large': { status: 413, title: 'The request is too large' },
  'line-too-long': { status: 413, title: 'A line of the upload is too long' },
  'unsupported-media-type': { status: 415, title: 'This content type is not accepted here' },
  'invalid-message': { status: 422, title: 'The message cannot be accepted' },
  'idempotency-key-reused': { status: 422, title: 'This Idempotency-Key belongs to another request' },
  'invalid-connectors': { status: 422, title: 'The file of connectors cannot be used' },
  'too-many-requests': { status: 429, title: 'Too many requests at the same time' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  'store-unavailable': { status: 503, title: 'The store does not answer' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemKind = keyof typeof PROBLEMS;

export function problem(
  kind: ProblemKind,
  detail: string,
  extensions: Readonly<Record<string, unknown>> = {},
): Problem {
  const { status, title } = PROBLEMS[kind];
  return { type: `urn:surereach:problem:${kind}`, title, status, detail, ...extensions };
}

export abstract class HttpError extends Error {
  abstract readonly code: string;
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The request is answered with `problem`. With `retryAfterSeconds` the same request may succeed later. */
export class ProblemError extends HttpError {
  readonly code = 'HTTP_PROBLEM';

  constructor(
    readonly problem: Problem,
    readonly retryAfterSeconds: number | null = null,
    options?: ErrorOptions,
  ) {
    super(problem.detail, options);
  }

  get retryable(): boolean {
    return this.retryAfterSeconds !== null;
  }
}

/** Refuses a request for what is wrong with its fields. */
export function refuse(kind: ProblemKind, errors: readonly FieldProblem[], extensions = {}): ProblemError {
  const first = errors[0];
  const more = errors.length > 1 ? ` (and ${String(errors.length - 1)} more)` : '';
  const detail = first === undefined ? PROBLEMS[kind].title : `${first.field} ${first.problem}${more}`;
  return new ProblemError(problem(kind, detail, { errors, ...extensions }));
}

/** Errors of every room carry `retryable`; whoever only passes them on need not know their classes. */
export function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === true;
}

const SHOWN_VALUE_CHARACTERS = 60;

/** A value as a problem may show it: one line, never longer than a reader wants. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= SHOWN_VALUE_CHARACTERS ? text : `${text.slice(0, SHOWN_VALUE_CHARACTERS)}…`;
}
