import { describe, expect, it } from '@jest/globals';
import { mayBeSameRecipient, recipientTail } from './recipient.js';

describe('a recipient as an SMSC writes it', () => {
  it.each([
    '27831234567',
    '+27831234567',
    '0027831234567',
    '0831234567',
    '+27 83 123-4567',
    '99827831234567',
  ])('%s may be +27831234567', (written) => {
    expect(mayBeSameRecipient(recipientTail(written), recipientTail('+27831234567'))).toBe(true);
  });

  it('is another when its last digits differ', () => {
    expect(mayBeSameRecipient(recipientTail('27831234568'), recipientTail('+27831234567'))).toBe(false);
  });

  it.each(['', 'SureReach', '2783****567', '12345', '27831234567x'])('%j says nothing', (written) => {
    expect(recipientTail(written)).toBe('');
    expect(mayBeSameRecipient(recipientTail(written), recipientTail('+27831234567'))).toBe(true);
  });
});
