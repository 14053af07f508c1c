// The whole service as the ESME of SMSCs that others have written. Outcomes are read from the REST
// API, what really came over the wire from the SMSC's own ledger.
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { journalledEvents } from '../support/checker.js';
import { polled } from '../support/polled.js';
import { type MessageAnswer, RunningService } from '../support/service.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';
import { FarEnd, type Told } from './support/far-end.js';
import { overStacks } from './support/stacks.js';

const FROM = '20414';
type ToldSubmit = Told<'submit'>;
const SMS_ALONE = { channels: [{ channel: 'sms' }] };

overStacks('our ESME at the SMSC of', ['jSMPP', 'cloudhopper-smpp'], (stack) => {
  let database: TestDatabase;
  let smsc: FarEnd;
  let service: RunningService;
  let phones = 0;

  beforeAll(async () => {
    database = await openTestDatabase();
    smsc = await FarEnd.start(stack, 'smsc');
    service = await RunningService.start({
      databaseUrl: database.url,
      env: smppEnv({ SMPP_ENQUIRE_LINK_SECONDS: '1' }),
    });
    await smsc.told('bound', 'the bind of the service');
  });

  afterAll(async () => {
    await service.stop();
    await smsc.stop();
    await database.close();
  });

  beforeEach(async () => {
    await receipts('DELIVRD');
  });

  function smppEnv(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
    return {
      SMPP_HOST: '127.0.0.1',
      SMPP_PORT: String(smsc.port),
      SMPP_SYSTEM_ID: 'surereach',
      SMPP_PASSWORD: 'secret',
      SMPP_WINDOW: '10',
      ...more,
    };
  }

  /** What receipts the SMSC sends for the submits to come: a word of Appendix B, or none. */
  function receipts(state: string, tlvs = false): Promise<unknown> {
    return smsc.order('receipts', { state, tlvs });
  }

  function phone(): string {
    phones += 1;
    return `+254722${String(phones).padStart(6, '0')}`;
  }

  async function send(text: string, to = phone(), more: object = SMS_ALONE): Promise<string> {
    return service.send({ to, from: FROM, text, ...more });
  }

  function submitsTo(to: string): readonly ToldSubmit[] {
    return smsc.all('submit').filter((submit) => `+${submit.to}` === to);
  }

  async function sent(
    text: string,
  ): Promise<{ readonly message: MessageAnswer; readonly submits: readonly ToldSubmit[] }> {
    const to = phone();
    const message = await service.settled(await send(text, to));
    return { message, submits: submitsTo(to) };
  }

  async function typesOf(id: string): Promise<readonly string[]> {
    return (await service.events(id)).map(({ type }) => type);
  }

  it('binds as a transceiver of SMPP 3.4', () => {
    expect(smsc.all('bound')).toEqual([
      expect.objectContaining({ mode: 'bind_transceiver', systemId: 'surereach', version: 0x34 }),
    ]);
  });

  it.each([
    ['DELIVRD', 'delivered', 'reached-by-sms'],
    ['UNDELIV', 'undelivered', 'not-reached'],
    ['EXPIRED', 'expired', 'not-reached'],
    ['REJECTD', 'rejected', 'not-reached'],
  ])('reads the receipt text that says %s, and acknowledges it', async (state, status, outcome) => {
    await receipts(state);
    const { message, submits } = await sent('Your appointment is tomorrow.');
    expect(message).toMatchObject({ status, outcome });
    expect(submits).toEqual([
      expect.objectContaining({
        from: FROM,
        registered: 1,
        hex: Buffer.from('Your appointment is tomorrow.').toString('hex'),
      }),
    ]);
    const id = smsc.all('submit').at(-1)?.id;
    const receipt = await smsc.told('delivered', `the answer to ${String(id)}`, (event) => event.id === id);
    expect(receipt.status).toBe(0);
  });

  it('takes a receipt with TLVs as one with text alone', async () => {
    await receipts('DELIVRD', true);
    const { message } = await sent('Receipted twice.');
    expect(message).toMatchObject({ status: 'delivered', outcome: 'reached-by-sms' });
  });

  it('waits behind ENROUTE and ACCEPTD for the receipt that is final', async () => {
    for (const state of ['ENROUTE', 'ACCEPTD']) {
      await receipts(state);
      const to = phone();
      const id = await send('On its way.', to);
      await service.eventually<readonly { type: string }[]>(
        `/v1/messages/${id}/events`,
        `${state} in the history`,
        (events) => events.some(({ type }) => type === 'MessageBuffered'),
      );
      expect(await service.message(id)).toMatchObject({ outcome: 'pending' });
      await smsc.order('deliver', receiptFor(to));
      expect(await service.settled(id)).toMatchObject({ status: 'delivered' });
    }
  });

  it('sends a long message in parts that fit together again', async () => {
    const text = `${'A long notice, sent in parts. '.repeat(11)}End.`;
    const { message, submits } = await sent(text);
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
    const { message, submits } = await sent(text);
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
    const answer = await smsc.order('deliver', {
      from: '254722999999',
      to: FROM,
      esmClass: 0,
      dataCoding: 8,
      hex,
    });
    expect(answer.status).toBe(0);
    const received = (await journalledEvents(database.url)).filter(({ type }) => type === 'MessageReceived');
    expect(received.map(({ data }) => data)).toEqual([
      expect.objectContaining({
        to: FROM,
        dataCoding: 8,
        personal: { from: '254722999999', octetsHex: hex },
      }),
    ]);
  });

  it('answers enquire_link, and asks when the SMSC is silent', async () => {
    await smsc.order('enquire');
    await smsc.told('enquired', 'an enquire_link of the service');
    expect(smsc.all('closed')).toEqual([]);
  });

  it.each([
    ['ESME_RTHROTTLED', 0x58],
    ['ESME_RMSGQFUL', 0x14],
  ])('tries again after %s', async (_name, status) => {
    await smsc.order('refuse', { status, times: 1 });
    const { message, submits } = await sent('Not so fast.');
    expect(message).toMatchObject({ status: 'delivered' });
    expect(submits.map((submit) => submit.status)).toEqual([status, 0]);
    expect(await typesOf(message.id)).toEqual([
      'MessageAccepted',
      ...['SubmitAttempted', 'SubmitDeferred'],
      ...['SubmitAttempted', 'MessageSubmitted', 'MessageDelivered'],
    ]);
  });

  it('takes ESME_RINVDSTADR for final', async () => {
    await smsc.order('refuse', { status: 0x0b, times: 1 });
    const { message, submits } = await sent('To nobody.');
    expect(message).toMatchObject({ status: 'rejected', outcome: 'not-reached' });
    expect(submits).toHaveLength(1);
  });

  it('matches answers that come in the reverse order', async () => {
    await smsc.order('hold', { count: 5 });
    const before = smsc.all('answered').length;
    const tos = Array.from({ length: 5 }, phone);
    const ids = await Promise.all(tos.map((to) => send('Who is first?', to)));
    for (const id of ids) expect(await service.settled(id)).toMatchObject({ status: 'delivered' });

    const answered = smsc.all('answered').slice(before);
    const sequences = answered.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => b - a));
    const smscIds = tos.map((to) => String(submitsTo(to)[0]?.id));
    for (const [index, id] of ids.entries()) {
      const history = JSON.stringify(await service.events(id));
      expect(smscIds.filter((smscId) => history.includes(smscId))).toEqual([smscIds[index]]);
    }
    expect(answered).toHaveLength(5);
  });

  it('holds what was not answered when the SMSC closes, rebinds, and lets receipts resolve it', async () => {
    await smsc.order('cut', { after: 4 });
    const binds = smsc.all('bound').length;
    const tos = Array.from({ length: 4 }, phone);
    const ids = await Promise.all(tos.map((to) => send('Cut off.', to)));
    await smsc.toldTimes(binds + 1, 'bound', 'the next bind');
    await Promise.all(
      ids.map((id) =>
        service.eventually<readonly { type: string }[]>(`/v1/messages/${id}/events`, 'doubt', (events) =>
          events.some(({ type }) => type === 'SubmitOutcomeUnknown'),
        ),
      ),
    );
    for (const to of tos) expect((await smsc.order('deliver', receiptFor(to))).status).toBe(0);
    for (const id of ids) expect(await service.settled(id)).toMatchObject({ status: 'delivered' });
    for (const to of tos) expect(submitsTo(to)).toHaveLength(1);
  });

  it('answers unbind, and binds again', async () => {
    const binds = smsc.all('bound').length;
    await smsc.order('unbind');
    await smsc.toldTimes(binds + 1, 'bound', 'the next bind');
    expect((await sent('Back again.')).message).toMatchObject({ status: 'delivered' });
  });

  it('sends nothing when its password is refused, and does not hammer the SMSC', async () => {
    const other = await RunningService.start({
      databaseUrl: (await openTestDatabase()).url,
      env: smppEnv({ SMPP_PASSWORD: 'mistyped' }),
    });
    const to = phone();
    const id = await other.send({ to, from: FROM, text: 'Never leaves.', ...SMS_ALONE });
    const refused = await smsc.told('refused', 'the refused bind');
    expect(refused.status).toBe(0x0e);
    await polled('the reason in the log', () => other.output.includes('ESME_RINVPASWD'));
    expect(await other.message(id)).toMatchObject({ status: 'accepted', outcome: 'pending' });
    await other.stop();
    expect(smsc.all('refused')).toHaveLength(1);
    expect(submitsTo(to)).toEqual([]);
  });

  it('unbinds when it stops, and binds as transmitter and receiver when it is told to', async () => {
    const closed = smsc.all('closed').length;
    await service.stop();
    await smsc.told('unbound', 'the unbind of the service');
    await smsc.toldTimes(closed + 1, 'closed', 'the end of the session');

    smsc.forget();
    service = await RunningService.start({ databaseUrl: database.url, env: smppEnv({ SMPP_BIND: 'split' }) });
    const bound = await smsc.toldTimes(2, 'bound', 'both binds');
    expect(bound.map(({ mode }) => mode).sort()).toEqual(['bind_receiver', 'bind_transmitter']);
    expect((await sent('Over two sessions.')).message).toMatchObject({ status: 'delivered' });
    const [submit] = smsc.all('submit');
    expect(submit?.session).toBe(bound.find(({ mode }) => mode === 'bind_transmitter')?.session);
  });

  /** A receipt as the SMSC would send it for the newest submit to that phone. */
  function receiptFor(to: string): object {
    const id = submitsTo(to).at(-1)?.id;
    const text = `id:${String(id)} sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:DELIVRD err:000 text:`;
    const hex = Buffer.from(text, 'latin1').toString('hex');
    return { from: to.slice(1), to: FROM, esmClass: 0x04, dataCoding: 0, hex };
  }
});
