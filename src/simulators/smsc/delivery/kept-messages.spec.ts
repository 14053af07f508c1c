import { expect, it } from '@jest/globals';
import { type KeptMessage, KeptMessages } from './kept-messages.js';

function message(number: number): KeptMessage {
  return {
    id: number,
    messageId: String(number),
    systemId: 'esme',
    registeredDelivery: 1,
    sourceTon: 0,
    sourceNpi: 0,
    source: '20414',
    destinationTon: 1,
    destinationNpi: 1,
    destination: '254722000000',
    text: '',
    submittedAt: 0,
    submittedAtMs: 0,
    deletedAt: null,
    end: { stat: 'DELIVRD', atMs: 50 },
  };
}

it('keeps the newest messages, as many as the limit says at the time', () => {
  const kept = new KeptMessages();
  const numbers = (): number[] => kept.between('20414', '254722000000', 'esme').map(({ id }) => id);
  for (let number = 1; number <= 1_000; number++) kept.keep(message(number), 3);
  expect(numbers()).toEqual([998, 999, 1_000]);
  kept.keep(message(1_001), 5);
  expect(numbers()).toEqual([998, 999, 1_000, 1_001]);
  kept.keep(message(1_002), 2);
  expect(numbers()).toEqual([1_001, 1_002]);
  expect(kept.find('1002', 'esme')?.id).toBe(1_002);
  expect(kept.find('1002', 'another')).toBeUndefined();
  kept.keep(message(1_003), 0);
  expect(numbers()).toEqual([1_001, 1_002]);
});
