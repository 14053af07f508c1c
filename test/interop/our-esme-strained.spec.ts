// The whole service at SMSCs made of foreign stacks that have a bad day: they are full for a while,
// nack what is a nack already, or send what is no SMPP.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { polled } from '../support/polled.js';
import type { FarEnd } from './support/far-end.js';
import { FarSmscRoom } from './support/far-smsc-room.js';
import { ESME_RINVCMDID, ESME_RINVCMDLEN, GARBAGE, genericNack, unknownRequest } from './support/pdus.js';
import { overStacks } from './support/stacks.js';

const ESME_RTHROTTLED = 0x58;
const MESSAGES = 30;
/** Enough answers for a stretch of time, not for one unlucky moment. */
const REFUSALS = 40;
const NACKS = 50;

overStacks('our ESME at a strained SMSC of', ['jSMPP', 'cloudhopper-smpp'], (stack) => {
  let room: FarSmscRoom;
  let smsc: FarEnd;

  beforeAll(async () => {
    room = await FarSmscRoom.open(stack);
    ({ smsc } = room);
    await room.receipts('DELIVRD');
  });

  afterAll(async () => {
    await room.close();
  });

  /** Resolves when everything sent to the service before has been read by it. */
  async function readSoFar(): Promise<void> {
    const hex = Buffer.from('Read?').toString('hex');
    await smsc.order('deliver', { from: '254722999999', to: '20414', esmClass: 0, dataCoding: 0, hex });
  }

  it('delivers everything once an SMSC that was throttling takes it again', async () => {
    await smsc.order('refuse', { status: ESME_RTHROTTLED, times: 1_000_000 });
    const tos = Array.from({ length: MESSAGES }, () => room.phone());
    const ids = await Promise.all(tos.map((to) => room.send('Not so fast.', to)));
    await smsc.toldTimes(REFUSALS, 'submit', 'a stretch of refusals', ({ status }) => status !== 0);
    expect(smsc.all('submit').filter(({ status }) => status === 0)).toEqual([]);

    await smsc.order('refuse', { status: 0, times: 0 });
    for (const id of ids)
      expect(await room.service.settled(id)).toMatchObject({
        status: 'delivered',
        outcome: 'reached-by-sms',
      });
    const accepted = smsc.all('submit').filter(({ status }) => status === 0);
    expect(accepted.map(({ to }) => `+${to}`).sort()).toEqual([...tos].sort());
    expect(smsc.all('bound')).toHaveLength(1);
  });

  it('nacks a command it does not know once, and never the nack that comes back', async () => {
    await smsc.order('nackBack');
    await smsc.order('write', { hex: unknownRequest(77) });
    await smsc.told('nacked', 'the nack of the service');
    await readSoFar();
    expect(smsc.all('nacked')).toEqual([{ event: 'nacked', status: ESME_RINVCMDID, sequence: 77 }]);
    expect(smsc.all('closed')).toEqual([]);
    await polled('the reason in the log', () => room.service.output.includes('an answer blames the session'));
    expect((await room.settled('Still here.')).message).toMatchObject({ status: 'delivered' });
  });

  it('answers a flood of nacks with none: it says why, binds again and goes on', async () => {
    smsc.forget();
    const said = room.service.output.length;
    const flood = Array.from({ length: NACKS }, (_, index) => genericNack(1_000_000 + index));
    await smsc.order('write', { hex: flood.join('') });
    await smsc.told('unbound', 'the unbind of the service');
    await smsc.told('bound', 'the next bind');
    expect(smsc.all('nacked')).toEqual([]);
    expect(room.service.output).toMatch(/answers in a row blame the session, the last ESME_RINVCMDID/);
    // No flood in the log either.
    const lines = room.service.output
      .slice(said)
      .split('\n')
      .filter((line) => line.includes('an answer blames the session'));
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(lines.length).toBeLessThanOrEqual(10);
    expect((await room.settled('Bound again.')).message).toMatchObject({ status: 'delivered' });
  });

  it('nacks a stream that is no SMPP once, closes it, says why and binds again', async () => {
    smsc.forget();
    await smsc.order('write', { hex: GARBAGE });
    await smsc.told('closed', 'the end of the session');
    await smsc.told('bound', 'the next bind');
    expect(smsc.all('nacked')).toEqual([{ event: 'nacked', status: ESME_RINVCMDLEN, sequence: 0 }]);
    expect(room.service.output).toMatch(/gave the stream up: command_length 4278124286 is out of bounds/);
    expect((await room.settled('In order again.')).message).toMatchObject({ status: 'delivered' });
  });
});
