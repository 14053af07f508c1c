// Which of the foreign SMPP stacks are there, and the suite that runs over those. What is absent is
// reported as skipped, by name and with the reason; REQUIRE=interop makes that a failure.
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

const MISSING = z.object({ state: z.enum(['missing', 'broken']), why: z.string() });
const PREPARED = z.object({
  java: z.union([z.object({ state: z.literal('ready'), classPath: z.string() }), MISSING]),
  python: z.union([z.object({ state: z.literal('ready'), python: z.string() }), MISSING]),
});

export type StackName = 'jSMPP' | 'cloudhopper-smpp' | 'smpplib';

/** How a far end made of one stack is started. */
export interface Stack {
  readonly name: StackName;
  readonly command: string;
  readonly args: (role: 'smsc' | 'esme') => readonly string[];
}

type Found = Stack | { readonly name: StackName; readonly state: 'missing' | 'broken'; readonly why: string };

/** Runs the suite over each of these stacks that is there. */
export function overStacks(title: string, names: readonly StackName[], suite: (stack: Stack) => void): void {
  for (const name of names) {
    const found = find(name);
    if (!('why' in found)) {
      describe(`${title} ${name}`, () => {
        suite(found);
      });
    } else if (found.state === 'broken' || required()) {
      describe(`${title} ${name}`, () => {
        it('has its stack', () => {
          expect(found.why).toBe('there');
        });
      });
    } else {
      const skipped = describe.skip;
      skipped(`${title} ${name}: ${found.why}`, () => {
        suite({ name, command: '', args: () => [] });
      });
    }
  }
}

function find(name: StackName): Found {
  const { java, python } = PREPARED.parse(JSON.parse(process.env['INTEROP_STACKS'] ?? '{}'));
  if (name === 'smpplib') {
    if (python.state !== 'ready') return { name, ...python };
    return { name, command: python.python, args: () => ['test/interop/python/esme.py'] };
  }
  if (java.state !== 'ready') return { name, ...java };
  const stack = name === 'jSMPP' ? 'jsmpp' : 'cloudhopper';
  // A far end has little to do; without the options a JVM takes a quarter of the memory and all cores.
  const options = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', java.classPath];
  return { name, command: 'java', args: (role) => [...options, 'FarEnd', role, stack] };
}

function required(): boolean {
  return (process.env['REQUIRE'] ?? '').split(/[\s,]+/).includes('interop');
}
