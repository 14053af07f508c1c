import { describe, expect, it } from '@jest/globals';
import { callOfLabel, labelOf } from './call-label.js';

const call = { messageId: '019b7a8c-0000-7000-8000-000000000001', attempt: 12 };

describe('the label of a call', () => {
  it('names the call it was made of', () => {
    expect(callOfLabel(labelOf(call))).toEqual(call);
  });

  it('is read in any case, as a gateway may change it', () => {
    expect(callOfLabel(labelOf(call).toUpperCase())).toEqual(call);
  });

  it.each([
    '',
    'x',
    call.messageId,
    `${call.messageId}.0`,
    `${call.messageId}.1000`,
    ` ${labelOf(call)}`,
    'a.1',
  ])('is not recognised in %j', (label) => {
    expect(callOfLabel(label)).toBeNull();
  });
});
