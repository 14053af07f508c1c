import { describe, expect, it } from '@jest/globals';
import { submitSms } from '../../../test/support/connector-recorder.js';
import { answer, boundSession, type SessionOnWire } from '../../../test/support/session-on-wire.js';
import { decodePdu, encodePdu } from '../link.js';
import { type AskEnd, type AskRequest, encodeAsk } from './ask.js';

const SOURCE = { ton: 5, npi: 0, address: 'SureReach' };
const DESTINATION = { ton: 1, npi: 1, address: '447700900123' };
const QUERY: AskRequest = { command: 'query_sm', smscMessageId: 'id-1', source: SOURCE };
const CANCEL: AskRequest = {
  command: 'cancel_sm',
  smscMessageId: 'id-1',
  source: SOURCE,
  destination: DESTINATION,
};
const REPLACE: AskRequest = {
  command: 'replace_sm',
  smscMessageId: 'id-1',
  source: SOURCE,
  registeredDelivery: 1,
  shortMessage: Buffer.from([0x00, 0x41, 0xff]),
};

function asking({ session }: SessionOnWire, request: AskRequest = QUERY): AskEnd[] {
  const ends: AskEnd[] = [];
  session.ask(request, (end) => ends.push(end));
  return ends;
}

describe('the octets of an ask', () => {
  it('carry the id and the addresses of the submit', () => {
    expect(decodePdu(encodeAsk(QUERY, 7))).toMatchObject({
      command: 'query_sm',
      sequenceNumber: 7,
      fields: { message_id: 'id-1', source_addr_ton: 5, source_addr_npi: 0, source_addr: 'SureReach' },
    });
    expect(decodePdu(encodeAsk(CANCEL, 8))?.fields).toMatchObject({
      message_id: 'id-1',
      service_type: '',
      source_addr: 'SureReach',
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: '447700900123',
    });
  });

  it('of replace_sm end with the text as it is, behind registered_delivery', () => {
    const octets = encodeAsk(REPLACE, 9);
    // Two empty times, registered_delivery, sm_default_msg_id, sm_length (SMPP 3.4 §4.10.1).
    expect(octets.subarray(-8).toString('hex')).toBe('0000010003' + '0041ff');
  });

  it.each<[string, AskRequest]>([
    ['an empty message_id, which would cancel everything', { ...CANCEL, smscMessageId: '' }],
    ['a message_id that is too long', { ...QUERY, smscMessageId: 'x'.repeat(65) }],
    ['a sender outside ASCII', { ...QUERY, source: { ...SOURCE, address: 'Åsa' } }],
    [
      'a destination that is too long',
      { ...CANCEL, destination: { ...DESTINATION, address: '1'.repeat(21) } },
    ],
    ['a text that is too long', { ...REPLACE, shortMessage: Buffer.alloc(255) }],
  ])('are never written for %s', async (_, request) => {
    const on = await boundSession();
    const ends = asking(on, request);
    expect(ends).toEqual([{ end: 'not-sent', detail: expect.stringContaining(request.command) }]);
    expect(await on.wire.received()).toEqual([]);
    expect([on.session.room(), on.session.outstanding]).toEqual([10, 0]);
  });
});

describe('Session, asks', () => {
  it('end with their own answer, and only with that', async () => {
    const on = await boundSession();
    const ends = asking(on);
    const [query] = await on.wire.received();
    expect(query).toMatchObject({ command: 'query_sm', sequenceNumber: 2 });
    on.wire.send(answer(2, 'x'), encodePdu('cancel_sm_resp', 2));
    expect(ends).toEqual([]);
    const pdu = encodePdu('query_sm_resp', 2, { message_id: 'id-1', message_state: 2 });
    on.wire.send(pdu, pdu);
    expect(ends).toEqual([{ end: 'answered', commandStatus: 0, pdu }]);
    expect(on.counters).toMatchObject({ asksSent: 1, asksAnswered: 1, asksRefused: 0, strayResponses: 3 });
  });

  it('share the window with the submits, and give their slot back', async () => {
    const on = await boundSession({ windowSize: 2 });
    asking(on);
    expect(on.session.room()).toBe(1);
    on.session.submit(submitSms(1), 1);
    expect(asking(on)).toEqual([{ end: 'not-sent', detail: expect.stringContaining('window is full') }]);
    await on.wire.received();
    on.wire.send(encodePdu('query_sm_resp', 2, { message_id: 'id-1' }), answer(3, 'a'));
    expect([on.session.room(), on.told]).toEqual([2, ['m1: 0 a']]);
  });

  it('are refused by a generic_nack, which does not blame the session', async () => {
    const on = await boundSession();
    for (let sequence = 2; sequence < 7; sequence++) {
      const ends = asking(on);
      on.wire.send(encodePdu('generic_nack', sequence, { command_status: 3 }));
      expect(ends).toMatchObject([{ end: 'answered', commandStatus: 3 }]);
    }
    expect([on.session.state, on.counters.asksRefused]).toEqual(['BOUND_TRX', 5]);
  });

  it('time out once, and a late answer changes nothing', async () => {
    const on = await boundSession();
    const ends = asking(on);
    await on.wire.received();
    on.clock.advance(10_000);
    expect(ends).toEqual([{ end: 'timed-out' }]);
    on.wire.send(encodePdu('query_sm_resp', 2, { message_id: 'id-1' }));
    expect([ends.length, on.counters.asksUnanswered, on.told]).toEqual([1, 1, []]);
  });

  it('are told apart when the link goes: on the way, or never left', async () => {
    const on = await boundSession();
    const sent = asking(on);
    await on.wire.received();
    const unsent = asking(on, CANCEL);
    on.wire.lose('read ECONNRESET');
    expect([sent, unsent]).toEqual([
      [{ end: 'link-lost' }],
      [{ end: 'not-sent', detail: expect.any(String) }],
    ]);
    expect(on.told).toEqual(['closed link-lost']);
    expect(asking(on)).toEqual([{ end: 'not-sent', detail: expect.stringContaining('CLOSED') }]);
  });
});

describe('Session with data_sm', () => {
  it('submits parts as data_sm and takes the id from data_sm_resp', async () => {
    const on = await boundSession({ submitWith: 'data_sm' });
    on.session.submit(submitSms(1), 1);
    const [pdu] = await on.wire.received();
    expect(pdu).toMatchObject({ command: 'data_sm', fields: { destination_addr: '447700900123' } });
    on.wire.send(answer(2, 'not its answer'));
    expect(on.told).toEqual([]);
    on.wire.send(encodePdu('data_sm_resp', 2, { message_id: 'id-9' }));
    expect(on.told).toEqual(['m1: 0 id-9']);
  });
});
