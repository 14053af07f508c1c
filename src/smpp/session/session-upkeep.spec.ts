// What a session does besides submitting: deliveries, requests of the SMSC, timers, leaving.
import { describe, expect, it } from '@jest/globals';
import { submitSms } from '../../../test/support/connector-recorder.js';
import {
  answer,
  boundSession,
  receipt,
  refusal,
  SESSION_LIMITS,
} from '../../../test/support/session-on-wire.js';
import { encodePdu } from '../link.js';
import { StatusTable } from '../pdu/command-status.js';

const nack = (sequenceNumber: number, command_status: number): Buffer =>
  encodePdu('generic_nack', sequenceNumber, { command_status });

describe('Session, deliveries', () => {
  it('answers a deliver_sm when told to, however late, and once', async () => {
    const { wire, delivers, clock } = await boundSession();
    wire.send(receipt(77), receipt(78));
    clock.advance(29_000);
    expect(await wire.received()).toEqual([]);
    delivers[1]?.respond(0);
    delivers[0]?.respond(8);
    delivers[0]?.respond(0);
    expect(
      (await wire.received()).map((pdu) => [pdu.command, pdu.sequenceNumber, pdu.commandStatus]),
    ).toEqual([
      ['deliver_sm_resp', 78, 0],
      ['deliver_sm_resp', 77, 8],
    ]);
  });

  it('answers data_sm with data_sm_resp', async () => {
    const { wire, delivers } = await boundSession();
    wire.send(encodePdu('data_sm', 5, { esm_class: 4, message_payload: Buffer.from('id:1 stat:DELIVRD') }));
    delivers[0]?.respond(0);
    expect(await wire.received()).toMatchObject([{ command: 'data_sm_resp', sequenceNumber: 5 }]);
  });

  it('refuses a deliver_sm it cannot read and reads on', async () => {
    const { wire, told } = await boundSession();
    const broken = Buffer.from(receipt(1));
    broken[broken.length - 26] = 255;
    wire.send(broken, receipt(2));
    expect(told).toEqual(['delivered 1']);
    expect(await wire.received()).toMatchObject([
      { command: 'deliver_sm_resp', sequenceNumber: 1, commandStatus: 1 },
    ]);
  });

  it('refuses deliver_sm on a transmitter', async () => {
    const { wire, told } = await boundSession({ mode: 'transmitter' });
    wire.send(receipt(1));
    expect(told).toEqual([]);
    expect(await wire.received()).toMatchObject([{ command: 'deliver_sm_resp', commandStatus: 4 }]);
  });

  it.each([
    [{}, 8],
    [{ tryLaterWith: 'ESME_RMSGQFUL' }, 0x14],
  ] as const)(
    'asks for redelivery of what a listener left unanswered when it threw: %j',
    async (options, status) => {
      const made = await boundSession(options, {
        delivered: () => {
          made.delivers[0]?.respond(0);
          throw new Error('the store is gone');
        },
      });
      made.wire.send(receipt(1), receipt(2));
      expect((await made.wire.received()).map((pdu) => [pdu.sequenceNumber, pdu.commandStatus])).toEqual([
        [1, 0],
        [2, status],
      ]);
    },
  );

  it('hears on after listeners that throw', async () => {
    const { session, wire, told, counters } = await boundSession(
      {},
      {
        submitsEnded: () => {
          throw new Error('broken');
        },
      },
    );
    session.submit(submitSms(2), 2);
    wire.send(answer(2, 'a'), receipt(1));
    wire.send(answer(3, 'b'));
    expect(told).toEqual(['m1: 0 a', 'delivered 1', 'm2: 0 b']);
    expect(counters.listenerFailures).toBe(2);
  });
});

describe('Session, what the SMSC asks', () => {
  it('answers enquire_link, nacks an unknown command, never nacks a nack or a stray response', async () => {
    const { wire, counters } = await boundSession();
    const unknown = encodePdu('enquire_link', 9);
    unknown.writeUInt32BE(0x00000777, 4);
    wire.send(
      encodePdu('enquire_link', 8),
      unknown,
      encodePdu('generic_nack', 0, { command_status: 2 }),
      encodePdu('replace_sm_resp', 3),
      encodePdu('alert_notification', 4),
    );
    expect(
      (await wire.received()).map((pdu) => [pdu.command, pdu.sequenceNumber, pdu.commandStatus]),
    ).toEqual([
      ['enquire_link_resp', 8, 0],
      ['generic_nack', 9, 3],
    ]);
    expect(counters.strayResponses).toBe(2);
  });

  it('answers unbind, half-closes, and still takes the answers that follow', async () => {
    const { session, wire, told, closed } = await boundSession();
    session.submit(submitSms(2), 2);
    await wire.received();
    wire.send(encodePdu('unbind', 5), answer(2, 'a'));
    expect((await wire.received()).map(({ command }) => command)).toEqual(['unbind_resp']);
    expect(wire.ended).toBe(true);
    wire.lose();
    expect(told).toEqual(['m1: 0 a', 'm2: link-lost', 'closed unbound-by-smsc']);
    expect(closed[0]?.refusal).toBeNull();
  });

  it('nacks a command_length out of bounds and gives the link up', async () => {
    const { session, wire, told } = await boundSession();
    session.submit(submitSms(1), 1);
    wire.send(answer(2, 'a'), Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(told).toEqual(['m1: 0 a', 'closed framing']);
    expect((await wire.received()).at(-1)).toMatchObject({
      command: 'generic_nack',
      sequenceNumber: 0,
      commandStatus: 2,
    });
    expect(wire.ended).toBe(true);
  });

  it('rebuilds a session that the SMSC no longer takes for bound, after what is owed has come', async () => {
    const { session, wire, told } = await boundSession();
    session.submit(submitSms(2), 2);
    await wire.received();
    wire.send(refusal(2, 0x04));
    expect([session.state, session.room()]).toEqual(['LEAVING', 0]);
    wire.send(answer(3, 'b'));
    expect((await wire.received()).map(({ command }) => command)).toEqual(['unbind']);
    wire.send(encodePdu('unbind_resp', 4));
    expect(told).toEqual(['m1: 4', 'm2: 0 b', 'closed unbound-by-us']);
  });
});

describe('Session, giving up', () => {
  it.each([
    ['answers', refusal],
    ['nacks', nack],
  ])('rebuilds the session when three %s in a row blame the stream', async (_, blame) => {
    const { session, wire, told } = await boundSession();
    session.submit(submitSms(3), 3);
    wire.send(blame(2, 0x03), blame(3, 0x02));
    expect(session.state).toBe('BOUND_TRX');
    wire.send(blame(4, 0x03));
    expect(session.state).toBe('UNBINDING');
    expect(told).toEqual(['m1: 3', 'm2: 2', 'm3: 3']);
  });

  it.each([0x00, 0x0b, 0x58])(
    'keeps the session when an answer with status %d shows that the SMSC still reads',
    async (other) => {
      const { session, wire } = await boundSession();
      session.submit(submitSms(5), 5);
      wire.send(refusal(2, 0x03), refusal(3, 0x02), refusal(4, other), refusal(5, 0x03), refusal(6, 0x03));
      expect(session.state).toBe('BOUND_TRX');
    },
  );

  it('counts nacks that belong to nothing we sent', async () => {
    const { session, wire } = await boundSession();
    wire.send(nack(0, 0x02), nack(0, 0x02));
    expect(session.state).toBe('BOUND_TRX');
    wire.send(nack(0, 0x02));
    expect(session.state).toBe('UNBINDING');
  });

  it('goes by what the codes of this SMSC mean', async () => {
    const statuses = new StatusTable({ '0x02': { class: 'reject' }, '0x401': { class: 'session' } });
    const { session, wire } = await boundSession({ statuses });
    session.submit(submitSms(6), 6);
    wire.send(refusal(2, 0x02), refusal(3, 0x02), refusal(4, 0x02));
    expect(session.state).toBe('BOUND_TRX');
    wire.send(refusal(5, 0x401), refusal(6, 0x401), refusal(7, 0x401));
    expect(session.state).toBe('UNBINDING');
  });

  it('does not hoard answers for an SMSC that sends but does not read', async () => {
    const { wire, told, delivers } = await boundSession();
    wire.send(receipt(1));
    wire.unsentOctets = 9 * 1024 * 1024;
    delivers[0]?.respond(0);
    await wire.received();
    expect(told.at(-1)).toBe('closed peer-does-not-read');
  });
});

describe('Session, timers', () => {
  it('finds a dead link by enquire_link, and ends what was on the way', async () => {
    const { session, clock, wire, told } = await boundSession();
    clock.advance(25_000);
    session.submit(submitSms(1), 1);
    clock.advance(5000);
    expect((await wire.received()).map(({ command }) => command)).toEqual(['submit_sm', 'enquire_link']);
    clock.advance(10_000);
    expect(told).toEqual(['m1: timed-out', 'closed enquire-link-unanswered']);
  });

  it('lives on for as long as the SMSC answers enquire_link', async () => {
    const { session, clock, wire } = await boundSession();
    for (let turn = 0; turn < 50; turn++) {
      clock.advance(30_000);
      const [enquiry] = await wire.received();
      expect(enquiry?.command).toBe('enquire_link');
      wire.send(encodePdu('enquire_link_resp', enquiry?.sequenceNumber ?? 0));
    }
    expect(session.state).toBe('BOUND_TRX');
  });

  it('gives up on a PDU that begins and does not end', async () => {
    const { clock, wire, told } = await boundSession();
    wire.send(receipt(1).subarray(0, 20));
    clock.advance(4000);
    expect(told).toEqual(['closed partial-pdu']);
  });

  it('unbinds an inactive session when it was told to', async () => {
    const limits = { ...SESSION_LIMITS, inactivityTimeoutMs: 20_000 };
    const { clock, wire, session } = await boundSession({ limits });
    clock.advance(20_000);
    expect((await wire.received()).map(({ command }) => command)).toEqual(['unbind']);
    expect(session.state).toBe('UNBINDING');
  });
});

describe('Session, leaving', () => {
  it('waits for what either side owes, then unbinds', async () => {
    const { session, wire, delivers, told } = await boundSession();
    session.submit(submitSms(1), 1);
    wire.send(receipt(50));
    session.leave('stopped');
    wire.send(answer(2, 'a'));
    expect((await wire.received()).map(({ command }) => command)).toEqual(['submit_sm']);
    delivers[0]?.respond(0);
    expect((await wire.received()).map(({ command }) => command)).toEqual(['deliver_sm_resp', 'unbind']);
    wire.send(encodePdu('unbind_resp', 3));
    expect(told.at(-1)).toBe('closed unbound-by-us');
  });

  it('does not wait longer than the response timeout, nor long for unbind_resp', async () => {
    const { session, wire, clock, told } = await boundSession();
    wire.send(receipt(50));
    session.leave('stopped');
    clock.advance(10_000);
    expect((await wire.received()).map(({ command }) => command)).toEqual(['unbind']);
    clock.advance(2000);
    expect(told.at(-1)).toBe('closed unbound-by-us');
  });

  it('takes no new submits while draining and answers the SMSC as before', async () => {
    const { session, wire, delivers } = await boundSession();
    session.drain();
    expect([session.state, session.room()]).toEqual(['DRAINING', 0]);
    wire.send(receipt(50), encodePdu('enquire_link', 51));
    delivers[0]?.respond(0);
    expect((await wire.received()).map(({ command }) => command)).toEqual([
      'enquire_link_resp',
      'deliver_sm_resp',
    ]);
  });
});
