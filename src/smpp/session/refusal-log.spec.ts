import { describe, expect, it } from '@jest/globals';
import { RefusalLog } from './refusal-log.js';

describe('what a session tells of refusals', () => {
  it('tells of ten answers that blame it, and that the others are not told', () => {
    const told: string[] = [];
    const log = new RefusalLog({
      debug: () => undefined,
      warn: (_fields: unknown, line?: string) => told.push(String(line)),
    });
    for (let sequenceNumber = 1; sequenceNumber <= 1000; sequenceNumber++)
      log.blame({ sequenceNumber }, 'the command is unknown');
    expect(told).toHaveLength(10);
    expect(told[0]).toBe('an answer blames the session: the command is unknown');
    expect(told[9]).toContain('further ones of this session are not told');
  });
});
