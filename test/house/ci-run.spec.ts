// .ci/run, run for real with an npm that only plays its part: what matters is that the exit code
// and the last line tell the truth in every case.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));

// Plays `npm ci`, `npm run check` and `npm test -- … --outputFile=<report>`.
const FAKE_NPM = `#!/usr/bin/env bash
echo "npm $*" >> calls.log
echo "\${REQUIRE:-nothing}" > required.log
case "$1" in
  ci) exit "\${CI_CODE:-0}" ;;
  run) echo 'findings of the checks'; exit "\${CHECK_CODE:-0}" ;;
  test)
    for argument in "$@"; do
      case "$argument" in --outputFile=*) report="\${argument#--outputFile=}" ;; esac
    done
    if [ -n "\${REPORT:-}" ]; then printf '%s' "$REPORT" > "$report"; fi
    exit "\${TEST_CODE:-0}" ;;
esac
`;

function onPath(tool: string): string {
  const found = (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => join(folder, tool))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${tool} is not on the PATH`);
  return found;
}

const report = (
  numPassedTests: number,
  numFailedTests: number,
  { broken = 0, skipped = [] as readonly string[] } = {},
): string =>
  JSON.stringify({
    numPassedTests,
    numFailedTests,
    numRuntimeErrorTestSuites: broken,
    testResults: [{ assertionResults: skipped.map((fullName) => ({ fullName, status: 'pending' })) }],
  });

describe('.ci/run', () => {
  let checkout: string;

  const ciRun = async (
    env: NodeJS.ProcessEnv,
  ): Promise<{ code: unknown; lines: string[]; calls: string[] }> => {
    const child = spawn(join(checkout, '.ci/run'), {
      cwd: tmpdir(),
      env: { PATH: `${join(checkout, 'bin')}:${process.env['PATH'] ?? ''}`, ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    const [code] = (await once(child, 'close')) as unknown[];
    const calls = readFileSync(join(checkout, 'calls.log'), 'utf8').trim().split('\n');
    return { code, lines: stdout.trim().split('\n'), calls };
  };

  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'surereach-ci-'));
    for (const name of ['.ci/run', '.ci/sum.mjs']) {
      mkdirSync(dirname(join(checkout, name)), { recursive: true });
      copyFileSync(join(root, name), join(checkout, name));
    }
    mkdirSync(join(checkout, 'bin'));
    writeFileSync(join(checkout, 'bin/npm'), FAKE_NPM);
    chmodSync(join(checkout, 'bin/npm'), 0o755);
  });

  afterEach(() => {
    rmSync(checkout, { recursive: true, force: true });
  });

  it('installs, checks, tests, and ends with 0 and the sum', async () => {
    const { code, lines, calls } = await ciRun({ REPORT: report(812, 0) });

    expect(code).toBe(0);
    expect(lines.at(-1)).toBe('812 passed, 0 failed');
    expect(calls.map((call) => call.split(' ').slice(0, 3).join(' '))).toEqual([
      'npm ci',
      'npm run check',
      'npm test --',
    ]);
  });

  it('names what was skipped, above the sum', async () => {
    const skipped = ['journal over eventstoredb: no server at EVENTSTORE_URL'];
    const { code, lines } = await ciRun({ REPORT: report(5, 0, { skipped }) });

    expect(code).toBe(0);
    expect(lines).toContain('skipped: journal over eventstoredb: no server at EVENTSTORE_URL');
    expect(lines.at(-1)).toBe('5 passed, 0 failed');
  });

  it.each([
    { name: 'a test fails', env: { TEST_CODE: '1', REPORT: report(10, 2) }, sum: '10 passed, 2 failed' },
    {
      name: 'a test file cannot run',
      env: { TEST_CODE: '1', REPORT: report(10, 0, { broken: 1 }) },
      sum: '10 passed, 1 failed',
    },
    {
      name: 'the tests end badly although none failed',
      env: { TEST_CODE: '1', REPORT: report(10, 0) },
      sum: '10 passed, 0 failed',
    },
    { name: 'a test fails and nobody says so', env: { REPORT: report(10, 1) }, sum: '10 passed, 1 failed' },
    { name: 'the tests leave no report', env: { TEST_CODE: '124' }, sum: '0 passed, 1 failed' },
    { name: 'the tests leave half a report', env: { REPORT: '{"numPassed' }, sum: '0 passed, 1 failed' },
    { name: 'there are no tests', env: { REPORT: report(0, 0) }, sum: '0 passed, 0 failed' },
    { name: 'the checks fail', env: { CHECK_CODE: '1', REPORT: report(10, 0) }, sum: '10 passed, 0 failed' },
  ])('ends with 1 when $name, after the sum', async ({ env, sum }) => {
    const { code, lines } = await ciRun(env);

    expect(code).toBe(1);
    expect(lines.at(-1)).toBe(sum);
  });

  it('runs the tests although the checks fail, and says that they did', async () => {
    const { lines, calls } = await ciRun({ CHECK_CODE: '3', REPORT: report(10, 0) });

    expect(calls).toHaveLength(3);
    expect(lines).toContain('npm run check ended with 3: see its findings above.');
  });

  it.each([
    { name: 'all of them', tools: ['java', 'javac', 'mvn', 'python3'], given: {}, required: 'interop' },
    { name: 'none of them', tools: [], given: {}, required: 'nothing' },
    { name: 'no Maven', tools: ['java', 'javac', 'python3'], given: {}, required: 'nothing' },
    {
      name: 'all of them, and something else is required',
      tools: ['java', 'javac', 'mvn', 'python3'],
      given: { REQUIRE: 'else' },
      required: 'else,interop',
    },
  ])('requires the tests with stacks of others by their tools: $name', async ({ tools, given, required }) => {
    // A machine with these tools and no others.
    const bin = join(checkout, 'bin');
    for (const tool of ['bash', 'dirname', 'mkdir', 'rm', 'timeout'])
      symlinkSync(onPath(tool), join(bin, tool));
    symlinkSync(process.execPath, join(bin, 'node'));
    for (const tool of tools) writeFileSync(join(bin, tool), '', { mode: 0o755 });
    await ciRun({ REPORT: report(1, 0), PATH: bin, ...given });

    expect(readFileSync(join(checkout, 'required.log'), 'utf8').trim()).toBe(required);
  });

  it('stops at once when it cannot install', async () => {
    const { code, calls } = await ciRun({ CI_CODE: '7' });

    expect(code).toBe(7);
    expect(calls).toEqual(['npm ci']);
  });
});
