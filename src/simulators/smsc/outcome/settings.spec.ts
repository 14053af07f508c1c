import { describe, expect, it } from '@jest/globals';
import { OptionInvalidError } from '../smsc-simulator.errors.js';
import { DEFAULT_SETTINGS, withChange } from './settings.js';

describe('settings', () => {
  it('are valid as they stand by default', () => {
    expect(withChange(DEFAULT_SETTINGS, DEFAULT_SETTINGS)).toEqual(DEFAULT_SETTINGS);
  });

  it('keep what a change does not name', () => {
    expect(withChange(DEFAULT_SETTINGS, { receiptDelayMs: 1 })).toEqual({
      ...DEFAULT_SETTINGS,
      receiptDelayMs: 1,
    });
  });

  it('fill up shares that were left out with zero', () => {
    expect(withChange(DEFAULT_SETTINGS, { outcomes: { silent: 1 } }).outcomes).toMatchObject({
      silent: 1,
      delivered: 0,
    });
  });

  it.each([
    [{ throttleShare: 1.5 }, 'throttleShare'],
    [{ receiptDelayMs: -1 }, 'receiptDelayMs'],
    [{ outcomes: { delivered: 0.5 } }, 'outcomes'],
    [{ poisonDestinations: ['+255'] }, 'poisonDestinations.0'],
    [{ recieptDelayMs: 1 }, 'body'],
    [{ messageIdFormat: 'octal' }, 'messageIdFormat'],
    [null, 'body'],
  ])('refuse %j and name the field', (change, field) => {
    const apply = (): unknown => withChange(DEFAULT_SETTINGS, change);
    expect(apply).toThrow(OptionInvalidError);
    expect(apply).toThrow(expect.objectContaining({ field }));
  });
});
