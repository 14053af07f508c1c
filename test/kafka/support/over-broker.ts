// The suite that runs over a real broker. Where none can be had it is reported as skipped, by name and
// with the reason; REQUIRE=kafka makes that a failure.
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

const PREPARED = z.union([
  z.object({ state: z.literal('ready'), classPath: z.string() }),
  z.object({ state: z.enum(['missing', 'broken']), why: z.string() }),
]);

export function overBroker(title: string, suite: (classPath: string) => void): void {
  const prepared = PREPARED.parse(JSON.parse(process.env['PREPARED_BROKER'] ?? '{}'));
  if (prepared.state === 'ready') {
    describe(title, () => {
      suite(prepared.classPath);
    });
  } else if (prepared.state === 'broken' || required()) {
    describe(title, () => {
      it('has its broker', () => {
        expect(prepared.why).toBe('there');
      });
    });
  } else {
    const skipped = describe.skip;
    skipped(`${title}: ${prepared.why}`, () => {
      suite('');
    });
  }
}

function required(): boolean {
  return (process.env['REQUIRE'] ?? '').split(/[\s,]+/).includes('kafka');
}
