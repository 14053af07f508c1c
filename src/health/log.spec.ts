import { describe, expect, it } from '@jest/globals';
import { createLog, masked, NestLog } from './log.js';

function lines(level = 'debug') {
  const written: string[] = [];
  const log = createLog(level, { write: (line: string) => void written.push(line) });
  return {
    log,
    entries: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => written.join(''),
  };
}

describe('the log', () => {
  it('hides numbers, texts and secrets, also one and two levels down', () => {
    const { log, text } = lines();
    log.info(
      {
        to: 'MARKER1',
        text: 'MARKER2',
        event: { personal: { to: 'MARKER3' } },
        smpp: { password: 'MARKER4' },
      },
      'accepted',
    );
    log.info({ request: { headers: { authorization: 'MARKER5' } } });
    expect(text()).not.toContain('MARKER');
    expect(text()).toContain('[private]');
  });

  it('masks a number to its last three digits', () => {
    expect(masked('+254711000111')).toBe('…111');
  });

  it("takes Nest's own messages: routine ones as debug, errors as errors", () => {
    const { log, entries } = lines();
    const nest = new NestLog(log);
    nest.log('Mapped {/v1/messages, POST} route', 'RouterExplorer');
    nest.error(new Error('it broke'), 'ExceptionHandler');
    expect(entries()).toEqual([
      expect.objectContaining({
        level: 'debug',
        context: 'RouterExplorer',
        msg: 'Mapped {/v1/messages, POST} route',
      }),
      expect.objectContaining({
        level: 'error',
        context: 'ExceptionHandler',
        msg: expect.stringContaining('it broke'),
      }),
    ]);
  });
});
