// The whole service as the ESME of SMSCs that others have written. Outcomes are read from the REST
// API, what really came over the wire from the SMSC's own ledger.
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { journalledEvents } from '../support/checker.js';
import { polled } from '../support/polled.js';
import { RunningService } from '../support/service.js';
import { openTestDatabase } from '../support/test-postgres.js';
import type { FarEnd } from './support/far-end.js';
import { FarSmscRoom, SENDER, SMS_ALONE, smppEnv } from './support/far-smsc-room.js';
import { overStacks } from './support/stacks.js';

/** Ten seconds pass before a receipt is matched by its recipient, and rounds of five. */
const MATCHED_BY_RECIPIENT_MS = 40_000;

overStacks('our ESME at the SMSC of', ['jSMPP', 'cloudhopper-smpp'], (stack) => {
  let room: FarSmscRoom;
  let smsc: FarEnd;
  let doubted: readonly { readonly id: string; readonly to: string }[] = [];

  beforeAll(async () => {
    room = await FarSmscRoom.open(stack);
    ({ smsc } = room);
  });

  afterAll(async () => {
    await room.close();
  });

  beforeEach(async () => {
    await room.receipts('DELIVRD');
  });

  it('binds as a transceiver of SMPP 3.4', () => {
    expect(smsc.all('bound')).toEqual([
      expect.objectContaining({ mode: 'bind_transceiver', systemId: 'surereach', version: 0x34 }),
    ]);
  });

  it('holds what was not answered when the SMSC closes, and binds again', async () => {
    await smsc.order('cut', { after: 2 });
    const tos = [room.phone(), room.phone()];
    doubted = await Promise.all(tos.map(async (to) => ({ to, id: await room.send('Cut off.', to) })));
    await smsc.toldTimes(2, 'bound', 'the next bind');
    for (const { id } of doubted) await room.happened(id, 'SubmitOutcomeUnknown');
    // Nobody can know their message from the id yet: they are kept for later.
    for (const { to } of doubted) expect(await room.deliverReceipt(to)).toBe(0);
  });

  it.each([
    ['DELIVRD', 'delivered', 'reached-by-sms'],
    ['UNDELIV', 'undelivered', 'not-reached'],
    ['EXPIRED', 'expired', 'not-reached'],
    ['REJECTD', 'rejected', 'not-reached'],
  ])('reads the receipt text that says %s, and acknowledges it', async (state, status, outcome) => {
    await room.receipts(state);
    const { message, submits } = await room.settled('Your appointment is tomorrow.');
    expect(message).toMatchObject({ status, outcome });
    expect(submits).toEqual([
      expect.objectContaining({
        from: SENDER,
        registered: 1,
        hex: Buffer.from('Your appointment is tomorrow.').toString('hex'),
      }),
    ]);
    const id = smsc.all('submit').at(-1)?.id;
    const receipt = await smsc.told('delivered', `the answer to ${String(id)}`, (event) => event.id === id);
    expect(receipt.status).toBe(0);
  });

  it('takes a receipt with TLVs as one with text alone', async () => {
    await room.receipts('DELIVRD', true);
    const { message } = await room.settled('Receipted twice.');
    expect(message).toMatchObject({ status: 'delivered', outcome: 'reached-by-sms' });
  });

  it('waits behind ENROUTE and ACCEPTD for the receipt that is final', async () => {
    for (const state of ['ENROUTE', 'ACCEPTD']) {
      await room.receipts(state);
      const to = room.phone();
      const id = await room.send('On its way.', to);
      await room.happened(id, 'MessageBuffered');
      expect(await room.service.message(id)).toMatchObject({ outcome: 'pending' });
      expect(await room.deliverReceipt(to)).toBe(0);
      expect(await room.service.settled(id)).toMatchObject({ status: 'delivered' });
    }
  });

  it('sends a long message in parts that fit together again', async () => {
    const text = `${'A long notice, sent in parts. '.repeat(11)}End.`;
    const { message, submits } = await room.settled(text);
    expect(message).toMatchObject({ status: 'delivered' });
    expect(message.parts).toHaveLength(3);
    expect(submits.map(({ esmClass, dataCoding }) => [esmClass, dataCoding])).toEqual(
      submits.map(() => [0x40, 0]),
    );
    const parts = submits.map(({ hex }) => Buffer.from(hex, 'hex')).sort((a, b) => (a[5] ?? 0) - (b[5] ?? 0));
    // 3GPP TS 23.040 §9.2.3.24.1: reference, parts in all, this part.
    expect(parts.map((part) => [...part.subarray(0, 3), ...part.subarray(4, 6)])).toEqual(
      [1, 2, 3].map((nth) => [5, 0, 3, 3, nth]),
    );
    expect(new Set(parts.map((part) => part[3])).size).toBe(1);
    expect(parts.map((part) => part.subarray(6).toString('latin1')).join('')).toBe(text);
  });

  it('sends what GSM 03.38 has no letters for as UCS-2', async () => {
    const text = 'Напоминание: приём завтра в 9:30 ☎';
    const { message, submits } = await room.settled(text);
    expect(message).toMatchObject({ status: 'delivered' });
    expect(submits).toEqual([
      expect.objectContaining({
        dataCoding: 8,
        esmClass: 0,
        hex: Buffer.from(text, 'utf16le').swap16().toString('hex'),
      }),
    ]);
  });

  it('records a message from a phone before it acknowledges it', async () => {
    const hex = Buffer.from('СТОП', 'utf16le').swap16().toString('hex');
    const message = { from: '254722999999', to: SENDER, esmClass: 0, dataCoding: 8, hex };
    const answer = await smsc.order('deliver', message);
    expect(answer.status).toBe(0);
    const received = (await journalledEvents(room.database.url)).filter(
      ({ type }) => type === 'MessageReceived',
    );
    expect(received.map(({ data }) => data)).toMatchObject([
      {
        alphabet: 'ucs2',
        evidence: { dataCoding: 8, destAddr: SENDER },
        personal: { from: '+254722999999', text: 'СТОП' },
      },
    ]);
    expect(JSON.stringify(received.map(({ data }) => data))).toContain(hex);
  });

  it('answers enquire_link, and asks when the SMSC is silent', async () => {
    const asked = smsc.all('enquired').length;
    const closed = smsc.all('closed').length;
    await smsc.order('enquire');
    await smsc.toldTimes(asked + 1, 'enquired', 'an enquire_link of the service');
    expect(smsc.all('closed')).toHaveLength(closed);
  });

  it.each([
    ['ESME_RTHROTTLED', 0x58],
    ['ESME_RMSGQFUL', 0x14],
  ])('tries again after %s', async (_name, status) => {
    await smsc.order('refuse', { status, times: 1 });
    const { message, submits } = await room.settled('Not so fast.');
    expect(message).toMatchObject({ status: 'delivered' });
    expect(submits.map((submit) => submit.status)).toEqual([status, 0]);
    const types = await room.typesOf(message.id);
    expect(types.slice(0, 4)).toEqual([
      ...['MessageAccepted', 'SubmitAttempted', 'SubmitDeferred', 'SubmitAttempted'],
    ]);
    expect(types.at(-1)).toBe('MessageDelivered');
  });

  it('takes ESME_RINVDSTADR for final', async () => {
    await smsc.order('refuse', { status: 0x0b, times: 1 });
    const { message, submits } = await room.settled('To nobody.');
    expect(message).toMatchObject({ status: 'rejected', outcome: 'not-reached' });
    expect(submits).toHaveLength(1);
  });

  it('matches answers that come in the reverse order', async () => {
    await smsc.order('hold', { count: 5 });
    const before = smsc.all('answered').length;
    const tos = Array.from({ length: 5 }, () => room.phone());
    const ids = await Promise.all(tos.map((to) => room.send('Who is first?', to)));
    for (const id of ids) expect(await room.service.settled(id)).toMatchObject({ status: 'delivered' });

    const answered = (await smsc.toldTimes(before + 5, 'answered', 'all five answers')).slice(before);
    const sequences = answered.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => b - a));
    const smscIds = tos.map((to) => String(room.submitsTo(to)[0]?.id));
    for (const [index, id] of ids.entries()) {
      const history = JSON.stringify(await room.service.events(id));
      expect(smscIds.filter((smscId) => history.includes(smscId))).toEqual([smscIds[index]]);
    }
  });

  it('answers unbind, and binds again', async () => {
    const binds = smsc.all('bound').length;
    await smsc.order('unbind');
    await smsc.toldTimes(binds + 1, 'bound', 'the next bind');
    expect((await room.settled('Back again.')).message).toMatchObject({ status: 'delivered' });
  });

  it('sends nothing when its password is refused, and does not hammer the SMSC', async () => {
    const otherDatabase = await openTestDatabase();
    const other = await RunningService.start({
      databaseUrl: otherDatabase.url,
      env: smppEnv(smsc, { SMPP_PASSWORD: 'mistyped' }),
    });
    const to = room.phone();
    const id = await other.send({ to, from: SENDER, text: 'Never leaves.', ...SMS_ALONE });
    const refused = await smsc.told('refused', 'the refused bind');
    expect(refused.status).toBe(0x0e);
    await polled('the reason in the log', () => other.output.includes('ESME_RINVPASWD'));
    expect(await other.message(id)).toMatchObject({ status: 'accepted', outcome: 'pending' });
    await other.stop();
    await otherDatabase.close();
    expect(smsc.all('refused')).toHaveLength(1);
    expect(room.submitsTo(to)).toEqual([]);
  });

  // Apart from where the doubt arose: those seconds pass while the tests between them run.
  it('lets receipts resolve what was held, and submits none of it twice', async () => {
    expect(doubted).toHaveLength(2);
    for (const { id, to } of doubted) {
      const message = await room.service.settled(id, MATCHED_BY_RECIPIENT_MS);
      expect(message).toMatchObject({ status: 'delivered' });
      expect(room.submitsTo(to)).toHaveLength(1);
    }
  });

  it('unbinds when it stops, and binds as transmitter and receiver when it is told to', async () => {
    smsc.forget();
    await room.service.stop();
    await smsc.told('unbound', 'the unbind of the service');
    await smsc.told('closed', 'the end of the session');

    smsc.forget();
    await room.restart({ SMPP_BIND: 'split' });
    const bound = await smsc.toldTimes(2, 'bound', 'both binds');
    expect(bound.map(({ mode }) => mode).sort()).toEqual(['bind_receiver', 'bind_transmitter']);
    expect((await room.settled('Over two sessions.')).message).toMatchObject({ status: 'delivered' });
    const [submit] = smsc.all('submit');
    expect(submit?.session).toBe(bound.find(({ mode }) => mode === 'bind_transmitter')?.session);
  });
});
