// Seeds one violation per boundary rule in a small tree of its own and sees the rule fire there,
// and nowhere in a tree that keeps the rules. A rule nobody has seen fire proves nothing.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

interface Import {
  readonly rule: string;
  readonly from: string;
  /** A path from the root of the tree, or the name of a package. */
  readonly to: string;
}

interface CruiseResult {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
    readonly totalDependenciesCruised: number;
  };
}

interface RuleSet {
  readonly forbidden: readonly { readonly name: string; readonly comment?: string }[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);
const CONFIG = join(root, '.config/dependency-cruiser.cjs');
const { forbidden } = require(CONFIG) as RuleSet;

const room = (name: string, others: readonly string[]): Import[] =>
  others.map((to) => ({ rule: 'rooms-meet-at-the-journal', from: `${name}/seed-${String(nth())}.ts`, to }));

let count = 0;
const nth = (): number => (count += 1);

const VIOLATIONS: readonly Import[] = [
  { rule: 'no-cycles', from: 'src/smpp/egg.ts', to: 'src/smpp/hen.ts' },
  { rule: 'no-unresolved', from: 'src/smpp/lost.ts', to: 'src/smpp/nowhere.ts' },
  { rule: 'message-is-pure', from: 'src/message/journaling.ts', to: 'src/journal/journal.ts' },
  { rule: 'message-is-pure', from: 'src/message/telling-time.ts', to: 'src/clock/clock.ts' },
  { rule: 'message-is-pure', from: 'src/message/hashing.ts', to: 'node:crypto' },
  { rule: 'message-is-pure', from: 'src/message/injected.ts', to: '@nestjs/common' },
  { rule: 'message-is-pure', from: 'src/message/numbering.ts', to: 'libphonenumber-js' },
  { rule: 'message-is-pure', from: 'src/message/msisdn.ts', to: '@nestjs/common' },
  { rule: 'journal-knows-no-domain', from: 'src/journal/sorter.ts', to: 'src/message/message.ts' },
  { rule: 'journal-knows-no-domain', from: 'src/journal/postgres/sorter.ts', to: 'src/smpp/link.ts' },
  ...room('src/clock', ['src/config/config.ts', 'src/message/message.ts']),
  ...room('src/config', ['src/message/message.ts', 'src/smpp/link.ts']),
  ...room('src/memory', ['src/clock/clock.ts', 'src/journal/journal.ts']),
  ...room('src/health', ['src/smpp/link.ts', 'projections/rows.ts']),
  ...room('src/http', ['src/intake/intake.ts', 'src/message/message.ts']),
  ...room('src/postgres', ['src/journal/journal.ts', 'src/subscription/subscription.ts']),
  ...room('src/subscription', ['src/message/message.ts', 'projections/rows.ts', 'src/smpp/link.ts']),
  ...room('src/lifecycle', ['src/smpp/link.ts', 'src/intake/intake.ts', 'projections/rows.ts']),
  ...room('src/intake', ['src/smpp/link.ts', 'projections/rows.ts', 'src/subscription/subscription.ts']),
  ...room('src/smpp', ['src/fallback/poller.ts', 'src/voice/caller.ts', 'src/intake/intake.ts']),
  ...room('src/fallback', ['src/smpp/link.ts', 'src/voice/caller.ts', 'src/journal/journal.ts']),
  ...room('src/voice', ['src/smpp/link.ts', 'src/fallback/poller.ts', 'src/journal/journal.ts']),
  ...room('src/publish', ['src/voice/caller.ts', 'src/lifecycle/message-lifecycle.ts']),
  ...room('src/status', ['src/lifecycle/message-lifecycle.ts', 'src/smpp/link.ts', 'src/intake/intake.ts']),
  ...room('projections', ['src/smpp/link.ts', 'src/lifecycle/message-lifecycle.ts', 'src/intake/intake.ts']),
  ...room('src/status', ['src/boot/lifespan.ts', 'src/lifecycle/journaled-lifecycle.ts']),
  ...room('src/smpp', ['src/boot/store.ts']),
  { rule: 'rooms-meet-at-the-journal', from: 'src/boot/lifespan.ts', to: 'src/config/config.ts' },
  { rule: 'only-listed-rooms', from: 'src/attic/box.ts', to: 'src/journal/journal.ts' },
  { rule: 'ports-not-adapters', from: 'src/lifecycle/loader.ts', to: 'src/journal/postgres/pg-journal.ts' },
  { rule: 'ports-not-adapters', from: 'src/journal/chooser.ts', to: 'src/journal/memory/memory-journal.ts' },
  { rule: 'ports-not-adapters', from: 'src/voice/dialler.ts', to: 'src/voice/africas-talking/gateway.ts' },
  {
    rule: 'ports-not-adapters',
    from: 'src/journal/memory/borrowed.ts',
    to: 'src/journal/postgres/pg-journal.ts',
  },
  {
    rule: 'commands-go-through-the-port',
    from: 'src/intake/shortcut.ts',
    to: 'src/lifecycle/journaled-lifecycle.ts',
  },
  { rule: 'one-smpp-door', from: 'src/smpp/session/session.ts', to: 'smpp' },
  { rule: 'one-smpp-door', from: 'src/health/probe.ts', to: 'smpp' },
  { rule: 'one-kafka-door', from: 'src/publish/lifecycle-publisher.ts', to: 'kafkajs' },
  { rule: 'one-kafka-door', from: 'src/health/kafka-producer.ts', to: 'kafkajs' },
  { rule: 'simulators-stand-alone', from: 'src/simulators/smsc/pdu.ts', to: 'src/smpp/link.ts' },
  {
    rule: 'simulators-stand-alone',
    from: 'src/simulators/smsc/gossip.ts',
    to: 'src/simulators/voice/main.ts',
  },
  { rule: 'simulators-stand-alone', from: 'src/smpp/rehearsal.ts', to: 'src/simulators/smsc/main.ts' },
  { rule: 'clock-only', from: 'src/smpp/sleeping.ts', to: 'node:timers/promises' },
  { rule: 'clock-only', from: 'projections/stopwatch.ts', to: 'node:perf_hooks' },
  { rule: 'clock-only', from: 'src/voice/own-clock.ts', to: 'src/clock/system-clock.ts' },
  { rule: 'clock-only', from: 'src/smpp/pretending.ts', to: 'src/clock/virtual-clock.ts' },
  { rule: 'tests-stay-outside', from: 'src/smpp/rehearsed.ts', to: 'test/support/given.ts' },
  { rule: 'tests-stay-outside', from: 'src/smpp/copied.ts', to: 'src/smpp/link.spec.ts' },
  { rule: 'shipped-dependencies-only', from: 'src/http/generator.ts', to: 'fast-check' },
  { rule: 'shipped-dependencies-only', from: 'src/http/undeclared.ts', to: 'undeclared' },
];

const ALLOWED: readonly Omit<Import, 'rule'>[] = [
  { from: 'src/main.ts', to: 'src/app.module.ts' },
  { from: 'src/app.module.ts', to: 'src/smpp/smpp.module.ts' },
  { from: 'src/boot/simulators.ts', to: 'src/simulators/smsc/main.ts' },
  { from: 'src/message/message.ts', to: 'src/message/message.events.ts' },
  { from: 'src/message/msisdn.ts', to: 'libphonenumber-js' },
  { from: 'src/message/message.spec.ts', to: 'fast-check' },
  { from: 'src/journal/journal.module.ts', to: 'src/journal/postgres/pg-journal.ts' },
  { from: 'src/journal/postgres/pg-journal.ts', to: 'src/postgres/pool.ts' },
  { from: 'src/lifecycle/journaled-lifecycle.ts', to: 'src/journal/journal.ts' },
  { from: 'src/intake/intake.ts', to: 'src/lifecycle/message-lifecycle.ts' },
  { from: 'src/smpp/link.ts', to: 'smpp' },
  { from: 'src/publish/kafka-producer.ts', to: 'kafkajs' },
  { from: 'src/publish/feed.ts', to: 'src/lifecycle/message-stream.ts' },
  { from: 'src/smpp/submitter.ts', to: 'src/lifecycle/message-lifecycle.ts' },
  { from: 'src/smpp/session.spec.ts', to: 'src/clock/virtual-clock.ts' },
  { from: 'src/voice/caller.ts', to: 'src/lifecycle/message-lifecycle.ts' },
  { from: 'src/voice/voice.module.ts', to: 'src/voice/africas-talking/gateway.ts' },
  { from: 'src/smpp/smpp.module.ts', to: 'src/boot/lifespan.ts' },
  { from: 'src/status/answer.ts', to: 'src/lifecycle/message-stream.ts' },
  { from: 'projections/main.ts', to: 'src/boot/store.ts' },
  { from: 'projections/main.ts', to: 'src/journal/postgres/pg-journal.ts' },
  { from: 'projections/fold.ts', to: 'src/lifecycle/message-stream.ts' },
  { from: 'src/status/views.ts', to: 'projections/rows.ts' },
  { from: 'src/simulators/smsc/main.ts', to: 'src/clock/system-clock.ts' },
  { from: 'projections/rows.ts', to: 'src/subscription/subscription.ts' },
];

describe('the walls between the rooms', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'surereach-boundaries-'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('let through what a house that keeps the rules imports', () => {
    const result = cruise(join(folder, 'kept'), ALLOWED);

    expect(result.summary.violations).toEqual([]);
    expect(result.summary.totalDependenciesCruised).toBeGreaterThanOrEqual(ALLOWED.length);
  });

  describe('stop', () => {
    let seen: ReadonlySet<string>;

    beforeAll(() => {
      const { summary } = cruise(join(folder, 'broken'), [
        ...VIOLATIONS,
        { from: 'src/smpp/hen.ts', to: 'src/smpp/egg.ts' },
      ]);
      seen = new Set(summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`));
    });

    it.each(VIOLATIONS)('$from importing $to, by $rule', ({ rule, from }) => {
      expect([...seen].filter((line) => line.endsWith(`: ${from}`))).toContain(`${rule}: ${from}`);
    });
  });

  it('have a seeded violation for every rule there is', () => {
    expect(new Set(VIOLATIONS.map(({ rule }) => rule))).toEqual(new Set(forbidden.map(({ name }) => name)));
  });

  it('say in a sentence what each is for', () => {
    expect(forbidden.filter(({ comment }) => !comment?.endsWith('.'))).toEqual([]);
  });
});

/** Writes one file per importing path, stubs for what they import, and runs the real rules over them. */
function cruise(folder: string, imports: readonly Omit<Import, 'rule'>[]): CruiseResult {
  const sources = new Map<string, string[]>();
  for (const { from, to } of imports) {
    sources.set(from, [...(sources.get(from) ?? []), specifier(from, to)]);
    if (isFile(to) && !to.includes('nowhere') && !sources.has(to)) sources.set(to, []);
  }
  for (const [path, specifiers] of sources) {
    const lines = specifiers.map((name, index) => `import * as part${String(index)} from '${name}';`);
    write(join(folder, path), `${lines.join('\n')}\nexport const here = true;\n`);
  }
  const packages = ['@nestjs/common', 'libphonenumber-js', 'smpp', 'kafkajs', 'fast-check', 'undeclared'];
  for (const name of packages) {
    write(
      join(folder, 'node_modules', name, 'package.json'),
      JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
    );
    write(join(folder, 'node_modules', name, 'index.js'), 'export const here = true;\n');
  }
  write(
    join(folder, 'package.json'),
    JSON.stringify({
      type: 'module',
      dependencies: {
        '@nestjs/common': '1.0.0',
        'libphonenumber-js': '1.0.0',
        smpp: '1.0.0',
        kafkajs: '1.0.0',
      },
      devDependencies: { 'fast-check': '1.0.0' },
    }),
  );
  write(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { module: 'NodeNext' } }));

  const depcruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const run = spawnSync(process.execPath, [depcruise, '-c', CONFIG, '-T', 'json', 'src', 'projections'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.stdout === '') throw new Error(`dependency-cruiser gave no answer: ${run.stderr}`);
  return JSON.parse(run.stdout) as CruiseResult;
}

function isFile(name: string): boolean {
  return name.endsWith('.ts');
}

function specifier(from: string, to: string): string {
  if (!isFile(to)) return to;
  const up = '../'.repeat(from.split('/').length - 1);
  return `./${up}${to.replace(/\.ts$/, '.js')}`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
