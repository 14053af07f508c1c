// The SMSC simulator as the SMSC of ESMEs that others have written: if it were wrong in a way that
// our own ESME shares, these would not get along with it.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { RecordedEntry } from '../../src/simulators/smsc/record/ledger.js';
import { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { polled } from '../support/polled.js';
import { FarEnd, type Told } from './support/far-end.js';
import { overStacks } from './support/stacks.js';

/** SMPP 3.4 §4.1.1 allows 8 characters, and these stacks keep to it. */
const PASSWORD = 'secret';
/** Asked for only where the receipt is waited for: one that comes late would be told to the next test. */
const RECEIPTED = { registered: 1 };
const DEADLINE_MS = 10_000;
/** A guess: a far end on a busy machine is asked and answered in less. */
const SLOW_MS = 1_500;

overStacks('our SMSC and the ESME of', ['jSMPP', 'cloudhopper-smpp', 'smpplib'], (stack) => {
  let smsc: SmscSimulator;
  let esme: FarEnd;

  beforeAll(async () => {
    esme = await FarEnd.start(stack, 'esme');
  });

  afterAll(async () => {
    await esme.stop();
  });

  beforeEach(async () => {
    smsc = await SmscSimulator.listen({
      accounts: [{ systemId: 'surereach', password: PASSWORD }],
      settings: { receiptDelayMs: 5 },
    });
  });

  afterEach(async () => {
    try {
      await esme.order('unbind');
    } finally {
      esme.forget();
      await smsc.close();
    }
  });

  async function bind(mode = 'transceiver', password = PASSWORD): Promise<number | undefined> {
    return (await esme.order('bind', { port: smsc.port, mode, password, version: 0x34 })).status;
  }

  function submit(to: string, hex: string, more: object = {}): Promise<Told<'done'>> {
    const fields = { from: 'SureReach', to, hex, esmClass: 0, dataCoding: 0, registered: 0, ...more };
    return esme.order('submit', fields);
  }

  const hexOf = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

  function submits(): readonly Extract<RecordedEntry, { kind: 'submit' }>[] {
    return smsc.ledger().filter((entry) => entry.kind === 'submit');
  }

  it('lets it bind as transceiver, transmitter and receiver, and nobody with a wrong password', async () => {
    for (const mode of ['transceiver', 'transmitter', 'receiver']) expect(await bind(mode)).toBe(0);
    expect(await bind('transceiver', 'wrong')).toBe(0x0e);
    const modes = smsc.ledger().flatMap((entry) => (entry.kind === 'bound' ? [entry.mode] : []));
    expect(modes).toEqual(['transceiver', 'transmitter', 'receiver']);
  });

  it.each([
    ['DELIVRD', 0, '000'],
    ['UNDELIV', 5, '001'],
    ['EXPIRED', 6, '020'],
    ['REJECTD', 7, '040'],
  ])('sends receipts of which it reads %s', async (state, digit, error) => {
    await bind();
    const answer = await submit(
      `25472200000${String(digit)}`,
      hexOf('Your appointment is tomorrow.'),
      RECEIPTED,
    );
    expect(answer).toMatchObject({ status: 0, id: submits()[0]?.messageId });

    const { receipt, ...delivered } = await esme.told('delivered', 'the receipt');
    expect(delivered).toMatchObject({ from: `25472200000${String(digit)}`, to: 'SureReach', esmClass: 4 });
    expect(receipt).toMatchObject({ id: answer.id, state });
    // smpplib leaves the text to its user.
    if (stack.name !== 'smpplib') {
      expect(receipt).toMatchObject({ error, submitted: 1, delivered: state === 'DELIVRD' ? 1 : 0 });
      // Receipts name the minute, and it may turn between the two.
      expect([0, 60_000]).toContain(Number(receipt?.doneAt) - Number(receipt?.submittedAt));
    }
    const answered = await smsc.entry(({ kind }) => kind === 'delivery-answered', DEADLINE_MS);
    expect(answered).toMatchObject({ messageId: answer.id, status: 'ESME_ROK' });
    expect(esme.all('failed')).toEqual([]);
  });

  it('sends a receipt to the receiver for what the transmitter submitted', async () => {
    await bind('transmitter');
    await bind('receiver');
    const answer = await submit('254722000000', hexOf('Two sessions.'), RECEIPTED);
    const { receipt } = await esme.told('delivered', 'the receipt');
    expect(receipt).toMatchObject({ id: answer.id, state: 'DELIVRD' });
  });

  it('takes parts, binary, UCS-2 and the longest short_message as they were sent', async () => {
    await bind();
    const header = '050003cc0201';
    const ucs2 = Buffer.from('Напоминание ☎', 'utf16le').swap16().toString('hex');
    const sent = [
      { hex: `${header}${hexOf('The first half, ')}`, esmClass: 0x40, dataCoding: 0 },
      { hex: '00ff7f80', esmClass: 0, dataCoding: 4 },
      { hex: ucs2, esmClass: 0, dataCoding: 8 },
      // SMPP 3.4 §5.2.21: sm_length is 254 at most.
      { hex: hexOf('x'.repeat(254)), esmClass: 0, dataCoding: 0 },
    ];
    for (const { hex, ...more } of sent)
      expect(await submit('254722000000', hex, more)).toMatchObject({ status: 0 });
    expect(
      submits().map(({ shortMessage: hex, esmClass, dataCoding }) => ({ hex, esmClass, dataCoding })),
    ).toEqual(sent);
  });

  it('brings it a message from a phone', async () => {
    await bind();
    const hex = Buffer.from('СТОП', 'utf16le').swap16().toString('hex');
    smsc.deliver({ source: '254722000000', destination: '20414', dataCoding: 8, hex });
    expect(await esme.told('delivered', 'the message')).toMatchObject({
      from: '254722000000',
      to: '20414',
      esmClass: 0,
      dataCoding: 8,
      hex,
      receipt: null,
    });
    const answered = await smsc.entry(({ kind }) => kind === 'delivery-answered', DEADLINE_MS);
    expect(answered).toMatchObject({ status: 'ESME_ROK' });
  });

  it('answers its enquire_link, and is answered', async () => {
    await bind();
    await esme.order('enquire');
    expect(smsc.counters().enquireLinks).toBe(1);
    smsc.change({ enquireLinkIntervalMs: 50 });
    await esme.told('enquired', 'an enquire_link of the simulator');
    await polled('the answer to it', () => smsc.counters().enquireLinksAnswered > 0);
  });

  it.each([
    ['ESME_RTHROTTLED', 0x58],
    ['ESME_RINVDSTADR', 0x0b],
  ])('makes %s known to it', async (name, status) => {
    await bind();
    smsc.script({ destination: '254722', status, times: 1 });
    expect(await submit('254722000000', hexOf('Not now.'))).toMatchObject({ status });
    expect(await submit('254722000000', hexOf('Now.'))).toMatchObject({ status: 0 });
    expect(submits().map((entry) => entry.status)).toEqual([name, 'ESME_ROK']);
  });

  it('may answer in another order than it was asked', async () => {
    await bind();
    smsc.script({ destination: '2547221', responseDelayMs: SLOW_MS, receipts: [] });
    const slow = submit('254722100000', hexOf('First.'));
    await smsc.entry(({ kind }) => kind === 'submit', DEADLINE_MS);
    const fast = await submit('254722000000', hexOf('Second.'));
    expect(esme.all('done').map(({ id }) => id)).not.toContain(submits()[0]?.messageId);
    expect(fast.id).toBe(submits()[1]?.messageId);
    expect((await slow).id).toBe(submits()[0]?.messageId);
  });

  it('answers its unbind', async () => {
    await bind();
    await esme.order('unbind');
    await smsc.entry(({ kind }) => kind === 'closed', DEADLINE_MS);
    await esme.told('closed', 'the end of the session');
    expect(smsc.counters().unbinds).toBe(1);
  });

  it('unbinds, and is answered', async () => {
    await bind();
    smsc.disconnect('unbind');
    await esme.told('closed', 'the end of the session');
    expect(await smsc.entry(({ kind }) => kind === 'closed', DEADLINE_MS)).toMatchObject({
      mode: 'transceiver',
    });
    expect(smsc.counters().strayResponses).toBe(0);
  });

  it('can close in the middle of its window', async () => {
    await bind();
    smsc.script({ destination: '2547221', answer: false, receipts: [] });
    smsc.script({ destination: '2547222', answer: false, receipts: [], disconnect: 'rst' });
    const lost = [submit('254722100000', hexOf('First.')), submit('254722200000', hexOf('Second.'))];
    const ends = Promise.allSettled(lost);
    await esme.told('closed', 'the end of the session');
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await bind()).toBe(0);
    expect(await submit('254722000000', hexOf('Third.'))).toMatchObject({ status: 0 });
  });
});
