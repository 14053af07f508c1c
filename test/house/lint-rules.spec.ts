// Seeds what the lint rules of this house must catch, and what they must let pass, and asks the
// real configuration. The text stands in for a file that exists, because type-aware rules look only
// at files of the project.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Linter } from '../support/linter.js';

const IN_A_ROOM = 'src/journal/journal.errors.ts';
const IN_PROJECTIONS = 'projections/stream-fold.ts';
const IN_THE_CLOCK = 'src/clock/system-clock.ts';
const IN_A_TEST = 'test/house/lint-rules.spec.ts';

interface Seed {
  readonly name: string;
  readonly rule: string;
  readonly code: string;
}

const CLOCK: readonly Seed[] = [
  { name: 'Date.now()', rule: 'no-restricted-properties', code: 'export const now = Date.now();' },
  { name: 'new Date()', rule: 'no-restricted-syntax', code: 'export const now = new Date();' },
  { name: 'Date()', rule: 'no-restricted-syntax', code: 'export const now = Date();' },
  { name: 'setTimeout', rule: 'no-restricted-globals', code: 'export const timer = setTimeout(() => 1, 5);' },
  {
    name: 'setInterval',
    rule: 'no-restricted-globals',
    code: 'export const timer = setInterval(() => 1, 5);',
  },
  {
    name: 'globalThis.setTimeout',
    rule: 'no-restricted-properties',
    code: 'export const timer = globalThis.setTimeout(() => 1, 5);',
  },
  {
    name: 'performance.now()',
    rule: 'no-restricted-properties',
    code: 'export const at = performance.now();',
  },
  {
    name: 'process.hrtime',
    rule: 'no-restricted-properties',
    code: 'export const at = process.hrtime.bigint();',
  },
  {
    name: 'AbortSignal.timeout',
    rule: 'no-restricted-properties',
    code: 'export const signal = AbortSignal.timeout(5);',
  },
  { name: 'Math.random()', rule: 'no-restricted-properties', code: 'export const luck = Math.random();' },
  {
    name: 'randomUUID',
    rule: 'no-restricted-imports',
    code: "import { randomUUID } from 'node:crypto';\nexport const id = randomUUID();",
  },
  {
    name: 'a timer from node:timers/promises',
    rule: 'no-restricted-imports',
    code: "import { setTimeout as sleep } from 'node:timers/promises';\nexport const nap = sleep(5);",
  },
];

const STYLE: readonly Seed[] = [
  {
    name: 'a floating promise',
    rule: '@typescript-eslint/no-floating-promises',
    code: 'export function forget(): void {\n  Promise.resolve(1);\n}',
  },
  {
    name: 'a default export',
    rule: 'no-restricted-syntax',
    code: 'export default function nameless(): void {}',
  },
  {
    name: 'an empty class without a decorator',
    rule: '@typescript-eslint/no-extraneous-class',
    code: 'export class Nothing {}',
  },
  {
    name: 'a type imported as a value where no decorator needs it',
    rule: '@typescript-eslint/consistent-type-imports',
    code: "import { Clock } from '../clock/clock.js';\nexport type Watch = Clock;",
  },
  { name: 'an unsafe any', rule: '@typescript-eslint/no-explicit-any', code: 'export const thing: any = 1;' },
];

const NEST_IDIOM = `
import { Injectable, Module } from '@nestjs/common';
import { Clock } from '../clock/clock.js';

@Injectable()
export class Sender {
  constructor(private readonly clock: Clock) {}

  sentAt(): string {
    return this.clock.isoNow();
  }
}

@Module({ providers: [Sender] })
export class SenderModule {}
`;

describe('lint', () => {
  let linter: Linter;

  const rulesAgainst = (code: string, filePath: string): Promise<string[]> =>
    linter.rulesAgainst(code, filePath);

  beforeAll(() => {
    linter = new Linter();
  });

  afterAll(async () => {
    await linter.stop();
  });

  it.each(CLOCK)('refuses $name in a room', async ({ rule, code }) => {
    expect(await rulesAgainst(code, IN_A_ROOM)).toContain(rule);
  });

  it.each(CLOCK)('refuses $name in a projection', async ({ rule, code }) => {
    expect(await rulesAgainst(code, IN_PROJECTIONS)).toContain(rule);
  });

  it.each(CLOCK)('lets src/clock use $name', async ({ rule, code }) => {
    expect(await rulesAgainst(code, IN_THE_CLOCK)).not.toContain(rule);
  });

  it.each(STYLE)('refuses $name', async ({ rule, code }) => {
    expect(await rulesAgainst(code, IN_A_ROOM)).toContain(rule);
  });

  it('lets a room turn a stored instant into a Date', async () => {
    const code = 'export const toDate = (at: string): Date => new Date(at);';
    expect(await rulesAgainst(code, IN_A_ROOM)).toEqual([]);
  });

  it('keeps a class that Nest injects a value import, and lets a module be an empty class', async () => {
    expect(await rulesAgainst(NEST_IDIOM, IN_A_ROOM)).toEqual([]);
  });

  it.each([
    ['import type { Clock }', "import type { Clock } from '../clock/clock.js';"],
    ['import { type Clock }', "import { type Clock } from '../clock/clock.js';"],
  ])('refuses to inject what came by %s, which leaves Nest no class to look for', async (_, statement) => {
    const code = NEST_IDIOM.replace("import { Clock } from '../clock/clock.js';", statement);
    expect(await rulesAgainst(code, IN_A_ROOM)).toEqual(['house/injected-value-imports']);
  });

  it('lets tests use timers but not skip', async () => {
    expect(await rulesAgainst('export const timer = setTimeout(() => 1, 5);', IN_A_TEST)).toEqual([]);
    const skipped = "import { it } from '@jest/globals';\nit.skip('never runs', () => undefined);";
    expect(await rulesAgainst(skipped, IN_A_TEST)).toContain('no-restricted-syntax');
  });
});
