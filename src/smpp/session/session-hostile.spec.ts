// Inputs that broke a promise of the session once, or would have. Found by test/fuzz and by reading
// for it; each is the smallest that shows the fault.
import { describe, expect, it } from '@jest/globals';
import { submitSms } from '../../../test/support/connector-recorder.js';
import { answer, boundSession, newSession, receipt, refusal } from '../../../test/support/session-on-wire.js';
import { encodePdu } from '../link.js';
import { DeliverBudget } from './deliver-budget.js';

const header = (length: number, id: number): Buffer => {
  const octets = Buffer.alloc(16);
  octets.writeUInt32BE(length, 0);
  octets.writeUInt32BE(id, 4);
  return octets;
};

describe('Session, when something else than SMPP answers', () => {
  it.each([
    [
      'a web server',
      Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\nPRIVATE'),
      /command_length 1213486160 .*HTTP/,
    ],
    ['a TLS listener', Buffer.from('15030300020246', 'hex'), /TLS/],
    ['an SSH daemon', Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'), /SSH/],
    ['a broken SMSC', header(0, 0x15), /command_length 0 .*a PDU whose command_length is wrong/],
    ['a stream out of step', Buffer.from('your code is 123456, do not share it'), /lost its alignment/],
  ])('says that it looks like %s', async (_, octets, why) => {
    const { wire, closed, logged } = await boundSession();
    wire.send(octets);
    expect(closed).toMatchObject([{ cause: 'framing', detail: expect.stringMatching(why) }]);
    const warned = logged.filter(({ level }) => level === 'warn');
    expect(warned).toMatchObject([{ message: expect.stringMatching(why) }]);
    expect(logged.find(({ message }) => message.includes('goes on like this'))).toMatchObject({
      level: 'debug',
      fields: { octets: octets.toString('hex', 0, 64) },
    });
  });

  it('shows no octet behind command_length at warn when they may be a text', async () => {
    const { wire, logged } = await boundSession();
    wire.send(Buffer.from('your code is 123456, do not share it'));
    expect(logged.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { header: Buffer.from('your').toString('hex') } },
    ]);
  });

  it('does not nack a response, whatever its command_length', async () => {
    const { wire } = await boundSession();
    wire.send(header(3, 0x80000000));
    expect(await wire.received()).toEqual([]);
    expect(wire.ended).toBe(true);
  });

  it('keeps a system_id of 16 kB out of the log', async () => {
    const { wire, session, logged } = newSession();
    wire.connect();
    await wire.received();
    wire.send(encodePdu('bind_transceiver_resp', 1, { system_id: 'x'.repeat(16_000) }));
    expect(session.state).toBe('BOUND_TRX');
    expect(JSON.stringify(logged).length).toBeLessThan(2000);
  });
});

describe('Session, flooded with deliver_sm', () => {
  const flooded = async (): ReturnType<typeof boundSession> =>
    boundSession({ deliverBudget: new DeliverBudget(4, 1_000_000) });

  it('stops reading while too many await their answer, and reads on when half are answered', async () => {
    const { wire, delivers } = await flooded();
    wire.send(receipt(1), receipt(2), receipt(3));
    expect(wire.paused).toBe(false);
    wire.send(receipt(4));
    expect(wire.paused).toBe(true);
    delivers[0]?.respond(0);
    delivers[1]?.respond(0);
    expect(wire.paused).toBe(true);
    delivers[2]?.respond(0);
    expect(wire.paused).toBe(false);
  });

  it('bounds what they hold in octets too', async () => {
    const { wire } = await boundSession({ deliverBudget: new DeliverBudget(1000, 150) });
    wire.send(receipt(1));
    expect(wire.paused).toBe(false);
    wire.send(receipt(2));
    expect(wire.paused).toBe(true);
  });

  it('reads now and then all the same, so that the link does not look dead', async () => {
    const { wire, session, clock, told } = await flooded();
    session.submit(submitSms(1), 1);
    wire.send(receipt(1), receipt(2), receipt(3), receipt(4));
    clock.advance(250);
    expect(wire.paused).toBe(false);
    wire.send(answer(2, 'a'), encodePdu('enquire_link', 9));
    expect(wire.paused).toBe(true);
    expect(told.at(-1)).toBe('m1: 0 a');
    expect((await wire.received()).map(({ command }) => command)).toEqual(['submit_sm', 'enquire_link_resp']);
  });

  it('refuses as queue full what comes beyond twice the bound, and counts it', async () => {
    const { wire, delivers, counters } = await flooded();
    wire.send(...Array.from({ length: 10 }, (_, index) => receipt(index + 1)));
    expect(delivers.length).toBe(8);
    expect((await wire.received()).map((pdu) => [pdu.sequenceNumber, pdu.commandStatus])).toEqual([
      [9, 0x14],
      [10, 0x14],
    ]);
    expect(counters.deliversRefused).toBe(2);
  });

  it('counts what earlier sessions of the connector still hold', async () => {
    const deliverBudget = new DeliverBudget(4, 1_000_000);
    const before = await boundSession({ deliverBudget });
    before.wire.send(receipt(1), receipt(2), receipt(3));
    before.wire.lose();
    const after = await boundSession({ deliverBudget });
    after.wire.send(receipt(1));
    expect(after.wire.paused).toBe(true);
    for (const deliver of before.delivers) deliver.respond(0);
    after.clock.advance(250);
    after.wire.send(receipt(2));
    expect(after.wire.paused).toBe(false);
  });
});

describe('Session, other ways to wear it out', () => {
  it('gives up an SMSC that goes on sending and takes no octet for the response timeout', async () => {
    const { wire, session, clock, closed } = await boundSession();
    wire.full = true;
    session.submit(submitSms(1), 1);
    wire.unsentOctets = 70;
    await wire.received();
    for (let second = 0; second < 9; second++) {
      clock.advance(1000);
      wire.send(encodePdu('enquire_link', second + 1));
      wire.unsentOctets += 16;
      await wire.received();
    }
    expect(closed).toEqual([]);
    clock.advance(1000);
    expect(closed).toMatchObject([{ cause: 'peer-does-not-read' }]);
  });

  it('waits for an SMSC that reads slowly', async () => {
    const { wire, session, clock, closed } = await boundSession();
    session.submit(submitSms(1), 1);
    wire.unsentOctets = 70;
    await wire.received();
    for (let turn = 0; turn < 5; turn++) {
      wire.unsentOctets -= 10;
      clock.advance(9000);
      wire.send(encodePdu('enquire_link_resp', 1));
    }
    expect(closed).toEqual([]);
  });

  it('logs ten refused deliver_sm of a session, not a million', async () => {
    const { wire, logged, counters } = await boundSession();
    const broken = Buffer.from(receipt(1));
    broken[broken.length - 26] = 255;
    for (let turn = 0; turn < 50; turn++) wire.send(broken);
    const told = logged.filter(({ message }) => message.startsWith('refused a deliver_sm'));
    expect(told.length).toBe(10);
    expect(told[9]?.message).toContain('only counted');
    expect(told[0]?.fields).toMatchObject({
      status: 'ESME_RINVMSGLEN',
      header: broken.toString('hex', 0, 16),
    });
    expect(counters.deliversUnreadable).toBe(50);
  });

  it('counts at most 200 different statuses', async () => {
    const { wire, session, counters } = await boundSession();
    for (let status = 0x1000; status < 0x1100; status++) {
      session.submit(submitSms(1), 1);
      wire.send(refusal(status - 0x1000 + 2, status));
    }
    expect(counters.answersByStatus.size).toBe(201);
    expect(counters.answersByStatus.get(0xffffffff)).toBe(56);
  });

  it('does not rebuild the session of an SMSC that nacks enquire_link', async () => {
    const { wire, session, clock } = await boundSession();
    for (let turn = 0; turn < 10; turn++) {
      clock.advance(30_000);
      const [enquiry] = await wire.received();
      wire.send(encodePdu('generic_nack', enquiry?.sequenceNumber ?? 0, { command_status: 3 }));
    }
    expect(session.state).toBe('BOUND_TRX');
  });
});
