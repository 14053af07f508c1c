import { describe, expect, it } from '@jest/globals';
import { joinParts } from '../../test/support/decode-short-message.js';
import { accepted, at, attempted } from '../../test/support/message-builders.js';
import type { LongForm, MessageFormat, TextEncoding } from '../message/message-format.js';
import type { MessageAccepted } from '../message/message.events.js';
import { evolve, initialState, type KnownMessage } from '../message/message.js';
import { countParts } from '../message/short-message.js';
import type { SubmitSm } from './pdu/submit-sm.js';
import { SubmitForm } from './submit-form.js';
import type { SubmitFormOptions } from './submit-form.options.js';
import { ConnectorOptionError } from './smpp.errors.js';

const form = new SubmitForm();
const NOW = Date.parse(at(0));

function message(overrides: Partial<MessageAccepted> = {}): KnownMessage {
  return evolve(initialState, accepted(overrides));
}

function only(overrides: Partial<MessageAccepted> = {}): SubmitSm {
  return onlyOf(form, message(overrides));
}

function onlyOf(by: SubmitForm, of: KnownMessage): SubmitSm {
  const [pdu, ...others] = by.submitSms(of, NOW);
  if (pdu === undefined || others.length > 0) throw new Error('not one part');
  return pdu;
}

function text(value: string, encoding: TextEncoding): Partial<MessageAccepted> {
  return {
    encoding,
    partCount: countParts({ text: value, encoding }),
    personal: { to: '+27831234567', text: value },
  };
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
    const pdus = form.submitSms(message(text(value, encoding)), NOW);
    expect(pdus.length).toBe(countParts({ text: value, encoding }));
    expect(pdus.length).toBeGreaterThan(1);
    for (const pdu of pdus) {
      expect(pdu).toMatchObject({ dataCoding, esmClass: 0x40 });
      expect(pdu.shortMessage.length).toBeLessThanOrEqual(140 + (encoding === 'gsm7' ? 20 : 0));
    }
    expect(
      joinParts({ parts: pdus.map(({ shortMessage }) => shortMessage), hasHeader: true }, encoding),
    ).toBe(value);
  });

  it('has the same header in every attempt, and another in another message', () => {
    const several = text('x'.repeat(400), 'gsm7');
    const reference = (overrides: Partial<MessageAccepted> = {}): number[] =>
      form
        .submitSms(message({ ...several, ...overrides }), NOW)
        .map(({ shortMessage }) => shortMessage[3] ?? -1);
    const messageId = '019b7a8c-0000-7000-8000-0000000000a7';
    expect(reference({ messageId })).toEqual([0xa7, 0xa7, 0xa7]);
    expect(reference({ messageId })).toEqual(reference({ messageId }));
    expect(reference()).toEqual([0x01, 0x01, 0x01]);
  });
});

describe('a message that is no plain text', () => {
  const format = (given: Partial<MessageFormat>): MessageFormat => ({
    nationalTables: null,
    dataCoding: null,
    flash: false,
    ports: null,
    ...given,
  });

  it.each<[string, Partial<MessageAccepted>, object, string]>([
    [
      'flash',
      { ...text('hi', 'gsm7'), format: format({ flash: true }) },
      { dataCoding: 0x10, esmClass: 0 },
      '6869',
    ],
    [
      'flash in UCS-2',
      { ...text('ж', 'ucs2'), format: format({ flash: true }) },
      { dataCoding: 0x18, esmClass: 0 },
      '0436',
    ],
    [
      'a fixed data_coding',
      { ...text('hi', 'gsm7'), format: format({ dataCoding: 0xc8 }) },
      { dataCoding: 0xc8 },
      '6869',
    ],
    [
      'ports',
      { ...text('hi', 'gsm7'), format: format({ ports: { destination: 2948, source: 9200 } }) },
      { dataCoding: 0, esmClass: 0x40 },
      '0605040b8423f0' + '6869',
    ],
    [
      'national tables',
      { ...text('ş', 'gsm7'), format: format({ nationalTables: { locking: null, single: 'tr' } }) },
      { dataCoding: 0, esmClass: 0x40 },
      '03240101' + '1b73',
    ],
    [
      'octets with a header of their own',
      {
        encoding: 'binary',
        personal: { to: '+27831234567', text: '', binary: { udh: '06050415811581', data: 'cafe' } },
      },
      { dataCoding: 4, esmClass: 0x40 },
      '06050415811581' + 'cafe',
    ],
  ])('is written as it was accepted: %s', (_what, overrides, fields, octets) => {
    const pdu = only(overrides);
    expect(pdu).toMatchObject(fields);
    expect(pdu.shortMessage.toString('hex')).toBe(octets);
  });
});

describe('a long message', () => {
  const LONG = 'x'.repeat(400);

  function cutAs(longForm: LongForm, options: SubmitFormOptions = {}): readonly SubmitSm[] {
    const total = countParts({ text: LONG, encoding: 'gsm7' }, longForm);
    const parts = Array.from({ length: total }, (_, index) => index + 1);
    const state = evolve(
      message({ ...text(LONG, 'gsm7'), messageId: '019b7a8c-0000-7000-8000-00000000c0a7' }),
      attempted(1, 1, parts, { form: longForm }),
    );
    return new SubmitForm(options).submitSms(state, NOW);
  }

  const tlvsOf = ({ tlvs = [] }: SubmitSm): readonly string[] =>
    tlvs.map(({ tag, value }) => `${tag.toString(16)}=${Buffer.from(value).toString('hex')}`);

  it('is joined by 16 bits in the header', () => {
    const pdus = cutAs('udh16');
    expect(pdus.map(({ shortMessage }) => shortMessage.toString('hex', 0, 7))).toEqual([
      '060804c0a70301',
      '060804c0a70302',
      '060804c0a70303',
    ]);
    expect(pdus.map(({ esmClass }) => esmClass)).toEqual([0x40, 0x40, 0x40]);
  });

  it('is joined by the three sar parameters, never beside the UDH indicator', () => {
    const pdus = cutAs('sar');
    expect(pdus.map(tlvsOf)).toEqual([
      ['20c=c0a7', '20e=03', '20f=01'],
      ['20c=c0a7', '20e=03', '20f=02'],
      ['20c=c0a7', '20e=03', '20f=03'],
    ]);
    expect(pdus.map(({ esmClass }) => esmClass)).toEqual([0, 0, 0]);
    expect(pdus.map(({ shortMessage }) => shortMessage.toString('latin1')).join('')).toBe(LONG);
  });

  it('is sent whole in message_payload, with an empty short_message', () => {
    const pdus = cutAs('payload');
    expect(pdus).toHaveLength(1);
    expect(pdus.map(tlvsOf)).toEqual([[`424=${Buffer.from(LONG).toString('hex')}`]]);
    expect(pdus[0]?.shortMessage).toHaveLength(0);
  });

  it('keeps the form of its attempt, whatever form this connector would use', () => {
    expect(cutAs('udh16', { longForm: 'payload' })).toEqual(cutAs('udh16'));
  });

  it('is replaced by nothing: its parts would replace each other', () => {
    expect(cutAs('udh8', { replaceIfPresent: true }).map((pdu) => pdu.replaceIfPresent)).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('what an SMSC wants', () => {
  const by = (options: SubmitFormOptions, overrides: Partial<MessageAccepted> = {}): SubmitSm =>
    onlyOf(new SubmitForm(options), message(overrides));

  it.each<[string, SubmitFormOptions, object]>([
    [
      'a fixed type of the sender',
      { source: { ton: 0, npi: 1 } },
      { sourceTon: 0, sourceNpi: 1, sourceAddr: 'SureReach' },
    ],
    ['another type of the recipient', { destination: { ton: 2, npi: 8 } }, { destTon: 2, destNpi: 8 }],
    ['a service type', { serviceType: 'CMT' }, { serviceType: 'CMT' }],
    ['a protocol id', { protocolId: 0x41 }, { protocolId: 0x41 }],
    ['no receipt for success', { registeredDelivery: 2 }, { registeredDelivery: 2 }],
    ['store and forward', { messagingMode: 3 }, { esmClass: 3 }],
    ['a validity relative to now', { validityPeriod: 'relative' }, { validityPeriod: '000000020000000R' }],
    ['an absolute validity', { validityPeriod: 'absolute' }, { validityPeriod: '260101100000000+' }],
    ['priorities of its own', { priorityFlags: { normal: 3 } }, { priorityFlag: 3 }],
    ['data_coding 1 for GSM 7-bit', { dataCodings: { gsm7: 1 } }, { dataCoding: 1 }],
    ['to replace what it still holds', { replaceIfPresent: true }, { replaceIfPresent: true }],
    [
      'parameters of the vendor',
      { tlvs: [{ tag: 0x1400, value: Buffer.from('acme') }] },
      { tlvs: [{ tag: 0x1400, value: Buffer.from('acme') }] },
    ],
  ])('is written into every submit_sm: %s', (_what, options, fields) => {
    expect(by(options)).toMatchObject(fields);
  });

  it('keeps its mode beside the UDH indicator', () => {
    const pdus = new SubmitForm({ messagingMode: 3 }).submitSms(message(text('x'.repeat(200), 'gsm7')), NOW);
    expect(pdus.map(({ esmClass }) => esmClass)).toEqual([0x43, 0x43]);
  });

  it('puts the vendor behind our own parameters', () => {
    const vendor = { tag: 0x1400, value: Buffer.from('acme') };
    const longForm = 'sar';
    const pdus = new SubmitForm({ tlvs: [vendor], longForm }).submitSms(
      message(text('x'.repeat(200), 'gsm7')),
      NOW,
    );
    expect(pdus.map(({ tlvs }) => tlvs?.map(({ tag }) => tag))).toEqual([
      [0x20c, 0x20e, 0x20f, 0x1400],
      [0x20c, 0x20e, 0x20f, 0x1400],
    ]);
  });

  it('gets the octets of the alphabet behind its data_coding 0', () => {
    const personal = { to: '+27831234567', text: '@ [é]' };
    expect(by({}, { personal }).shortMessage.toString('hex')).toBe('0020' + '1b3c' + '05' + '1b3e');
    expect(by({ defaultAlphabet: 'latin1' }, { personal }).shortMessage.toString('latin1')).toBe('@ [é]');
  });

  it('is told to the attempt as far as it decides how the message is cut', () => {
    expect(new SubmitForm().cut).toEqual({ longForm: 'udh8' });
    expect(new SubmitForm({ longForm: 'sar', defaultAlphabet: 'ascii' }).cut).toEqual({
      longForm: 'sar',
      alphabet: 'ascii',
    });
  });

  it.each<[string, SubmitFormOptions, RegExp]>([
    [
      'an octet out of range',
      { protocolId: 256 },
      /protocolId is 256, it must be a whole number from 0 to 255/,
    ],
    ['a type that is none', { source: { ton: -1, npi: 0 } }, /source\.ton is -1/],
    ['a fraction', { dataCodings: { ucs2: 8.5 } }, /dataCodings\.ucs2 is 8\.5/],
    ['a long service type', { serviceType: 'sixsix' }, /serviceType is sixsix/],
    ['a tag that is none', { tlvs: [{ tag: 0x10000, value: Buffer.alloc(0) }] }, /tlvs is 65536/],
    ['a tag of ours', { tlvs: [{ tag: 0x424, value: Buffer.alloc(0) }] }, /tlvs is 0x0424/],
  ])('is refused before anything is sent: %s', (_what, options, problem) => {
    expect(() => new SubmitForm(options)).toThrow(ConnectorOptionError);
    expect(() => new SubmitForm(options)).toThrow(problem);
  });
});
