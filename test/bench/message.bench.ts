// What the message domain costs, in µs per operation: the life of a delivered message (4 commands,
// 4 events), its parts, texts and numbers. One thread, no store, no network.
//
//   npm run bench -- --message
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { decide } from '../../src/message/message.decider.js';
import { evolve, initialState, type Message } from '../../src/message/message.js';
import type { MessageCommand } from '../../src/message/message.commands.js';
import { isBefore } from '../../src/message/instant.js';
import { readMsisdn } from '../../src/message/msisdn.js';
import { nextStepOf } from '../../src/message/next-step.js';
import { chooseEncoding } from '../../src/message/encoding-choice.js';
import { countParts, encodeParts } from '../../src/message/short-message.js';
import { readSourceAddress } from '../../src/message/source-address.js';
import { at, command, receipt, smsThenVoice, VALIDITY_SECONDS } from '../support/message-builders.js';

const ROUNDS = 5;
const OPERATIONS = 200_000;
let sink = 0;

/** The best round counts: what disturbs a round only makes it slower. */
function measure(name: string, operation: (index: number) => number, operations = OPERATIONS): void {
  let bestUs = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    for (let index = 0; index < operations; index++) sink += operation(index);
    bestUs = Math.min(bestUs, ((performance.now() - startedAt) * 1000) / operations);
  }
  console.log(`${name.padEnd(52)} ${bestUs.toFixed(2).padStart(8)} µs`);
}

const accept = command('AcceptMessage', 0, {
  to: '+27831234567',
  from: 'SureReach',
  text: 'x'.repeat(150),
  encoding: 'gsm7',
  partCount: 1,
  priority: 'normal',
  class: 'transactional',
  channels: smsThenVoice(),
  validUntil: at(VALIDITY_SECONDS),
  sendAt: null,
  reference: null,
  batch: null,
  locale: null,
});
const life: readonly MessageCommand[] = [
  accept,
  command('AttemptSubmit', 1, { connector: 'main', sender: 'sender-1', longForm: 'udh8' }),
  command('RecordSubmission', 2, {
    attempt: 1,
    connector: 'main',
    inDoubtPolicy: { then: 'hold' },
    results: [{ part: 1, end: 'submitted', smscMessageId: '1-1' }],
  }),
  command('RecordReceipt', 9, { part: 1, receipt: receipt('delivered') }),
];

function live(): Message {
  let state: Message = initialState;
  for (const asked of life) for (const event of decide(asked, state)) state = evolve(state, event);
  return state;
}

const states: Message[] = [initialState];
const events = life.flatMap((asked) => {
  const before = states.at(-1) ?? initialState;
  const decided = decide(asked, before);
  states.push(decided.reduce<Message>(evolve, before));
  return decided;
});

measure('a delivered message: 4 × decide, 4 × evolve', () => live().status.length);
measure('4 × evolve', () => events.reduce<Message>(evolve, initialState).status.length);
for (const [index, asked] of life.entries()) {
  const before = states[index] ?? initialState;
  measure(`decide ${asked.type}`, () => decide(asked, before).length);
}
measure('nextStepOf, 4 states', () => {
  let steps = 0;
  for (const state of states) steps += nextStepOf(state) === null ? 0 : 1;
  return steps;
});
const at0 = at(0);
const at9 = at(9);
measure('isBefore, normal form', (index) => (isBefore(at0, index % 2 === 0 ? at9 : at0) ? 1 : 0));
measure('isBefore, parsed', (index) =>
  isBefore(at0, index % 2 === 0 ? `${at9.slice(0, -1)}+00:00` : at0) ? 1 : 0,
);

const gsm = 'Dear customer, 100 € were paid to [Shop] on 3 March at 14:05. Not you? Call us now. '
  .repeat(2)
  .slice(0, 150);
const long = 'Dear customer, 100 € were paid. '.repeat(12);
const ucs2 = 'Уважаемый клиент, оплачено 100 €, спасибо за покупку! 👍';
measure(
  'encodeParts, GSM, 150 characters',
  () => encodeParts({ text: gsm, encoding: 'gsm7' }, 'udh8', 7).parts.length,
);
measure(
  `encodeParts, GSM, ${String(long.length)} characters`,
  () => encodeParts({ text: long, encoding: 'gsm7' }, 'udh8', 7).parts.length,
);
measure(
  `encodeParts, UCS-2, ${String(ucs2.length)} code units`,
  () => encodeParts({ text: ucs2, encoding: 'ucs2' }, 'udh8', 7).parts.length,
);
measure('chooseEncoding and countParts, GSM, 150 characters', () =>
  countParts({ text: gsm, encoding: chooseEncoding(gsm, { allowLatin1: false }) }),
);

const prefixes = [
  '+2783',
  '+44740',
  '+1202',
  '+49170',
  '+3361',
  '+9198',
  '+25471',
  '+23480',
  '+551196',
  '+6141',
];
const lengths = [12, 13, 12, 14, 12, 13, 13, 14, 14, 12];
const tenCountries = Array.from({ length: 20_000 }, (_, index) => {
  const prefix = prefixes[index % 10] ?? '';
  const room = (lengths[index % 10] ?? 12) - prefix.length;
  return (
    prefix +
    String(2_000_000_000 + ((index * 104_729) % 1_000_000_000))
      .slice(-room)
      .replace(/^[01]/, '2')
  );
});
const oneCountry = Array.from({ length: 20_000 }, (_, index) => `+2783${String(1_000_000 + index * 37)}`);
for (const [name, numbers] of Object.entries({ 'one country': oneCountry, 'ten countries': tenCountries })) {
  const valid = numbers.filter((number) => readMsisdn(number).status === 'valid').length;
  const share = `${String(Math.round((100 * valid) / numbers.length))} % valid`;
  measure(
    `readMsisdn, ${name}, distinct, ${share}`,
    (i) => readMsisdn(numbers[i] ?? '').status.length,
    20_000,
  );
  measure(
    `the library alone, ${name}`,
    (i) => (parsePhoneNumberFromString(numbers[i] ?? '')?.isValid() === true ? 1 : 0),
    20_000,
  );
}
measure('readSourceAddress', () => readSourceAddress('SureReach').status.length);
if (sink === 0) console.log('nothing was computed');
