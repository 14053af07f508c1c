// Reads the environment by the table: every value checked, every problem listed at once.
import { readFileSync } from 'node:fs';
import { type Values, type Variable, VARIABLES } from './variables.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ReadVariables {
  /** Complete only when `problems` is empty. */
  readonly values: Values;
  readonly problems: readonly string[];
  /** Names that look like ours and are not: a typing error would otherwise pass silently. */
  readonly warnings: readonly string[];
}

// HTTP_ is left out: HTTP_PROXY and its like belong to everybody.
const OUR_PREFIXES = /^(SMPP|VOICE|KAFKA|SIMULATOR)_/;

export function readVariables(environment: Environment): ReadVariables {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries<Variable>(VARIABLES)) {
    const given = textOf(name, variable, environment, problems) ?? variable.default;
    if (given === null) {
      values[name] = null;
      continue;
    }
    const read = variable.schema.safeParse(given);
    if (read.success) values[name] = read.data;
    else problems.push(describe(name, variable, given, read.error.issues[0]?.message ?? 'is not valid'));
  }
  return { values: values as Values, problems, warnings: unknownNames(environment) };
}

/** The text of a variable, from the environment or the file named by NAME_FILE; null when unset. */
function textOf(
  name: string,
  variable: Variable,
  environment: Environment,
  problems: string[],
): string | null {
  const direct = environment[name];
  const file = variable.secret ? environment[`${name}_FILE`] : undefined;
  // An empty variable counts as unset: compose files write it for a variable nobody gave.
  if (file === undefined || file === '') return direct === undefined || direct === '' ? null : direct;
  if (direct !== undefined && direct !== '') {
    problems.push(`${name} and ${name}_FILE are both set: keep one of them`);
    return null;
  }
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    problems.push(
      `${name}_FILE names a file that cannot be read (${reason}): correct the path or its rights`,
    );
    return null;
  }
}

function describe(name: string, variable: Variable, given: string, problem: string): string {
  const shown = variable.secret ? '' : `, but is ${JSON.stringify(given.slice(0, 80))}`;
  return `${name} ${problem}${shown}; for example ${name}=${variable.example}`;
}

function unknownNames(environment: Environment): string[] {
  const known = new Set<string>();
  for (const [name, variable] of Object.entries<Variable>(VARIABLES)) {
    known.add(name);
    if (variable.secret) known.add(`${name}_FILE`);
  }
  return Object.keys(environment)
    .filter((name) => OUR_PREFIXES.test(name) && !known.has(name))
    .map((name) => `${name} is set but is no variable of this service: is it misspelt?`);
}
