// What a zod schema found wrong, said for the person who sent the request.
import { type z } from 'zod';
import { type FieldProblem, refuse, shown } from './http.errors.js';

const MOST_PROBLEMS = 20;

/** The input as the schema gives it. @throws ProblemError 400 naming every field that is wrong. */
export function parseOrRefuse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const read = schema.safeParse(input);
  if (!read.success) throw refuse('invalid-request', fieldProblems(read.error, input));
  return read.data;
}

/** `input` is what was validated: its values are shown beside the problems. */
export function fieldProblems(error: z.ZodError, input: unknown): readonly FieldProblem[] {
  return error.issues.slice(0, MOST_PROBLEMS).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        field: pathText([...issue.path, key]),
        problem: 'is not a known field: remove it',
      }));
    }
    const value = valueAt(input, issue.path);
    const field = issue.path.length === 0 ? 'body' : pathText(issue.path);
    const problem = sentence(issue, value);
    return [value === undefined ? { field, problem } : { field, problem, value: shown(value) }];
  });
}

function sentence(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined && issue.path.length > 0) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string'
        ? `must have at least ${String(issue.minimum)} ${Number(issue.minimum) === 1 ? 'character' : 'characters'}`
        : `must be at least ${String(issue.minimum)}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `must have at most ${String(issue.maximum)} characters`
        : `must be at most ${String(issue.maximum)}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    case 'invalid_union':
      return ownSentence(issue) ?? issue.message;
    default:
      // Formats, unions and own checks carry a sentence of their own.
      return issue.message;
  }
}

/** What one of the alternatives has to say for itself, where the union as a whole says nothing. */
function ownSentence({ message, errors }: z.core.$ZodIssueInvalidUnion): string | undefined {
  if (message !== 'Invalid input') return message;
  return errors.flat().find(({ code }) => code === 'custom')?.message;
}

function article(expected: string): string {
  const names: Record<string, string> = { object: 'a JSON object', array: 'an array', int: 'a whole number' };
  return names[expected] ?? `a ${expected}`;
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${String(step)}]` : (i === 0 ? '' : '.') + String(step)))
    .join('');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}
