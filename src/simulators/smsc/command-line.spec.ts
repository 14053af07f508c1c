import { describe, expect, it } from '@jest/globals';
import { readCommandLine, USAGE } from './command-line.js';
import { OptionInvalidError } from './smsc-simulator.errors.js';

describe('the command line', () => {
  it('has defaults for everything', () => {
    expect(readCommandLine([])).toEqual({
      host: '127.0.0.1',
      port: 2775,
      httpPort: 2776,
      accounts: [{ systemId: 'surereach', password: 'surereach' }],
      settings: {},
      ledger: 'memory',
    });
  });

  it('takes ports, accounts, ledger and any setting', () => {
    const args =
      '--port 0 --http-port 0 --account a:b --account c:d:e --ledger /tmp/x --ledger-fsync --first-message-id 7 ' +
      '--receipt-delay-ms 5 --message-id-format hexadecimal --contradicting-receipts true --outcomes {"silent":1}';
    expect(readCommandLine(args.split(' '))).toMatchObject({
      port: 0,
      httpPort: 0,
      accounts: [
        { systemId: 'a', password: 'b' },
        { systemId: 'c', password: 'd:e' },
      ],
      ledger: { file: '/tmp/x', fsync: true },
      firstMessageId: 7,
      settings: {
        receiptDelayMs: 5,
        messageIdFormat: 'hexadecimal',
        contradictingReceipts: true,
        outcomes: { silent: 1 },
      },
    });
  });

  it('tells every setting in its usage', () => {
    expect(readCommandLine(['--help'])).toBe('help');
    expect(USAGE).toContain('--receipts-before-response false');
    expect(USAGE).toContain('--submits-per-second null');
    expect(USAGE).toContain('8  acceptedThenDelivered');
  });

  it.each([
    [['--port', '70000'], '--port'],
    [['--port', 'x'], '--port'],
    [['--account', 'nopassword'], '--account'],
    [['--throttle-share', '2'], 'throttleShare'],
    [['--colour', 'red'], 'command line'],
  ])('refuses %j and names the option', (args, field) => {
    const read = (): unknown => readCommandLine(args);
    expect(read).toThrow(OptionInvalidError);
    expect(read).toThrow(expect.objectContaining({ field }));
  });
});
