import { describe, expect, it } from '@jest/globals';
import { submitSm, submitSms } from '../../../test/support/connector-recorder.js';
import { answer, boundSession, newSession, receipt, refusal } from '../../../test/support/session-on-wire.js';
import { encodePdu } from '../link.js';

describe('Session, binding', () => {
  it('binds as soon as the socket is ready, with the version and account it was given', async () => {
    const { wire, told, session } = newSession();
    expect(await wire.received()).toEqual([]);
    wire.connect();
    expect(session.state).toBe('BINDING');
    const [bind] = await wire.received();
    expect(bind).toMatchObject({
      command: 'bind_transceiver',
      sequenceNumber: 1,
      fields: { system_id: 'surereach', password: 's3cret', interface_version: 0x34 },
    });
    wire.send(encodePdu('bind_transceiver_resp', 1, { system_id: 'SMSC' }));
    expect([session.state, told]).toEqual(['BOUND_TRX', ['bound']]);
  });

  it.each([
    ['transmitter', 'BOUND_TX', 10],
    ['receiver', 'BOUND_RX', 0],
    ['transceiver', 'BOUND_TRX', 10],
  ] as const)('as %s becomes %s', async (mode, state, room) => {
    const { session } = await boundSession({ mode });
    expect([session.state, session.room()]).toEqual([state, room]);
  });

  it('accepts receipts that come in the same octets as the bind response', async () => {
    const { wire, told } = newSession();
    wire.connect();
    await wire.received();
    wire.send(encodePdu('bind_transceiver_resp', 1, { system_id: 'SMSC' }), receipt(1));
    expect(told).toEqual(['bound', 'delivered 1']);
  });

  it.each([
    [0x0e, 'fatal'],
    [0x05, 'occupied'],
    [0x08, 'temporary'],
  ])('ends when the bind is refused with status %d', async (command_status, refused) => {
    const { wire, closed } = newSession();
    wire.connect();
    await wire.received();
    wire.send(encodePdu('bind_transceiver_resp', 1, { command_status }));
    expect(closed).toEqual([
      expect.objectContaining({ cause: 'bind-refused', refusal: refused, boundForMs: 0 }),
    ]);
    expect(wire.destroyed).toBe(true);
  });

  it('takes a generic_nack of the bind as a bind type the SMSC does not know', async () => {
    const { wire, closed } = newSession();
    wire.connect();
    await wire.received();
    wire.send(encodePdu('generic_nack', 1, { command_status: 3 }));
    expect(closed[0]).toMatchObject({
      cause: 'bind-refused',
      detail: 'ESME_RINVCMDID (command_id is unknown or not allowed)',
      refusal: 'fatal',
    });
  });

  it('gives up a connect and a bind that nobody answers', async () => {
    const unconnected = newSession();
    unconnected.clock.advance(5000);
    expect(unconnected.told).toEqual(['closed connect-timeout']);
    const unanswered = newSession();
    unanswered.wire.connect();
    await unanswered.wire.received();
    unanswered.clock.advance(5000);
    expect(unanswered.told).toEqual(['closed bind-timeout']);
  });
});

describe('Session, submits', () => {
  it('writes the PDUs of one tick in one write', async () => {
    const { session, wire } = await boundSession();
    const before = wire.writes.length;
    session.submit(submitSms(3), 3);
    session.submit(submitSms(2), 2);
    const pdus = await wire.received();
    expect(pdus.map(({ command, sequenceNumber }) => [command, sequenceNumber])).toEqual(
      [2, 3, 4, 5, 6].map((sequenceNumber) => ['submit_sm', sequenceNumber]),
    );
    expect(wire.writes.length - before).toBe(1);
  });

  it('ends submits with their answers, in whatever order these come', async () => {
    const { session, wire, told } = await boundSession();
    session.submit(submitSms(3), 3);
    await wire.received();
    wire.send(answer(4, 'c'), refusal(2, 0x58), answer(3, 'b'));
    expect(told).toEqual(['m3: 0 c', 'm1: 88', 'm2: 0 b']);
    expect(session.room()).toBe(10);
  });

  it('does not take an enquire_link_resp of the same number for the answer', async () => {
    const { session, wire, told } = await boundSession();
    session.submit(submitSms(1), 1);
    wire.send(encodePdu('enquire_link_resp', 2), encodePdu('query_sm_resp', 2));
    expect([told, session.outstanding]).toEqual([[], 1]);
  });

  it('never reads a generic_nack as success, even with status 0', async () => {
    const { session, wire, told } = await boundSession();
    session.submit(submitSms(1), 1);
    wire.send(encodePdu('generic_nack', 2, { command_status: 0 }));
    expect(told).toEqual(['m1: 3']);
  });

  it('times out, then tells a late answer as late and only once', async () => {
    const { session, wire, told, clock } = await boundSession();
    session.submit(submitSms(2), 2);
    await wire.received();
    clock.advance(9999);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(['m1: timed-out', 'm2: timed-out']);
    expect(session.room()).toBe(10);
    wire.send(answer(2, 'a'), answer(2, 'a'));
    expect(told.slice(2)).toEqual(['m1: late a']);
  });

  it('tells what was on the way from what never left when the link goes', async () => {
    const { session, wire, told } = await boundSession();
    session.submit(submitSms(2), 2);
    await wire.received();
    session.submit([submitSm('never left')], 1);
    wire.lose('read ECONNRESET');
    expect(told).toEqual(['m1: link-lost', 'm2: link-lost', 'never left: not-sent', 'closed link-lost']);
  });

  it('ends a PDU that cannot be written, and sends those around it', async () => {
    const { session, wire } = await boundSession();
    const items = [submitSm('good'), submitSm('bad', { destAddr: 'x'.repeat(21) }), submitSm('fine')];
    const unsendable = session.submit(items, 3);
    expect(unsendable).toEqual([
      {
        tag: 'bad',
        end: expect.objectContaining({
          end: 'not-sent',
          unsendable: expect.objectContaining({ commandStatus: 0x0b }),
        }),
      },
    ]);
    const texts = (await wire.received()).map(({ fields }) => JSON.stringify(fields['short_message']));
    expect(texts).toEqual(['good', 'fine'].map((message) => JSON.stringify({ message })));
  });

  it('offers no room while the socket is full', async () => {
    const { session, wire } = await boundSession();
    wire.full = true;
    expect(session.room()).toBe(0);
    wire.drain();
    expect(session.room()).toBe(10);
  });
});
