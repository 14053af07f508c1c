import { describe, expect, it } from '@jest/globals';
import { joinParts } from '../../test/support/decode-short-message.js';
import { accepted } from '../../test/support/message-builders.js';
import type { MessageAccepted, TextEncoding } from '../message/message.events.js';
import { evolve, initialState, type KnownMessage } from '../message/message.js';
import { countParts } from '../message/short-message.js';
import type { SubmitSm } from './pdu/submit-sm.js';
import { SubmitForm } from './submit-form.js';

const form = new SubmitForm();

function message(overrides: Partial<MessageAccepted> = {}): KnownMessage {
  return evolve(initialState, accepted(overrides));
}

function only(overrides: Partial<MessageAccepted> = {}): SubmitSm {
  const [pdu, ...others] = form.submitSms(message(overrides));
  if (pdu === undefined || others.length > 0) throw new Error('not one part');
  return pdu;
}

function text(value: string, encoding: TextEncoding): Partial<MessageAccepted> {
  return { encoding, partCount: countParts(value, encoding), personal: { to: '+27831234567', text: value } };
}

describe('the submit_sm of a message', () => {
  it('names the recipient as an international number without its plus', () => {
    expect(only()).toMatchObject({ destAddr: '27831234567', destTon: 1, destNpi: 1 });
  });

  it.each([
    ['+27831234567', { sourceAddr: '27831234567', sourceTon: 1, sourceNpi: 1 }],
    ['12345', { sourceAddr: '12345', sourceTon: 3, sourceNpi: 0 }],
    ['SureReach', { sourceAddr: 'SureReach', sourceTon: 5, sourceNpi: 0 }],
    ['~odd~', { sourceAddr: '~odd~', sourceTon: 0, sourceNpi: 0 }],
  ])('tells the type of its sender: %s', (from, source) => {
    expect(only({ from })).toMatchObject(source);
  });

  it.each([
    ['high', 2],
    ['normal', 1],
    ['low', 0],
  ] as const)('carries the priority %s as %i', (priority, priorityFlag) => {
    expect(only({ priority }).priorityFlag).toBe(priorityFlag);
  });

  it('asks for a receipt in any case, and leaves the rest to the SMSC', () => {
    expect(only()).toMatchObject({
      registeredDelivery: 1,
      serviceType: '',
      protocolId: 0,
      validityPeriod: '',
    });
  });
});

describe('the text of a message', () => {
  it.each<[TextEncoding, number, string, string]>([
    ['gsm7', 0, 'Café €5', '43616605201b6535'],
    ['latin1', 3, 'Ça va', 'c761207661'],
    ['ucs2', 8, '漢😀', '6f22d83dde00'],
  ])('in one part has no header, data_coding of its encoding: %s', (encoding, dataCoding, value, octets) => {
    const pdu = only(text(value, encoding));
    expect(pdu).toMatchObject({ dataCoding, esmClass: 0 });
    expect(pdu.shortMessage.toString('hex')).toBe(octets);
  });

  it.each<[TextEncoding, number, string]>([
    ['gsm7', 0, 'The water is cut off. '.repeat(20)],
    ['latin1', 3, 'Ça va déjà mieux. '.repeat(20)],
    ['ucs2', 8, '漢字と😀'.repeat(40)],
  ])('in several parts has a header in each, and esm_class says so: %s', (encoding, dataCoding, value) => {
    const pdus = form.submitSms(message(text(value, encoding)));
    expect(pdus.length).toBe(countParts(value, encoding));
    expect(pdus.length).toBeGreaterThan(1);
    for (const pdu of pdus) {
      expect(pdu).toMatchObject({ dataCoding, esmClass: 0x40 });
      expect(pdu.shortMessage.length).toBeLessThanOrEqual(140 + (encoding === 'gsm7' ? 20 : 0));
    }
    expect(
      joinParts(
        pdus.map(({ shortMessage }) => shortMessage),
        encoding,
      ),
    ).toBe(value);
  });

  it('has the same header in every attempt, and another in another message', () => {
    const several = text('x'.repeat(400), 'gsm7');
    const reference = (overrides: Partial<MessageAccepted> = {}): number[] =>
      form.submitSms(message({ ...several, ...overrides })).map(({ shortMessage }) => shortMessage[3] ?? -1);
    const messageId = '019b7a8c-0000-7000-8000-0000000000a7';
    expect(reference({ messageId })).toEqual([0xa7, 0xa7, 0xa7]);
    expect(reference({ messageId })).toEqual(reference({ messageId }));
    expect(reference()).toEqual([0x01, 0x01, 0x01]);
  });
});
