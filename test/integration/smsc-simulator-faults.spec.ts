// What the SMSC simulator does wrong on purpose: every knob and script, seen from an ESME.
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { SettingsChange } from '../../src/simulators/smsc/outcome/settings.js';
import type { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { type PackagePdu, receiptText } from '../support/package-esme.js';
import { simulatedSmsc } from '../support/simulated-smsc.js';

const THROTTLED = 0x58;
const DEADLINE_MS = 10_000;

const smsc = simulatedSmsc();
const { bound } = smsc;

function simulate(settings: SettingsChange = {}): Promise<SmscSimulator> {
  return smsc.simulate({ settings });
}

function stats(receipts: readonly PackagePdu[]): (string | undefined)[] {
  return receipts.map((receipt) => /stat:(\w+)/.exec(receiptText(receipt))?.[1]);
}

describe('a fault of the SMSC simulator', () => {
  it('refuses by share, and what it refuses is no message', async () => {
    const simulator = await simulate({ throttleShare: 1 });
    const esme = await bound(simulator);
    expect((await esme.submit('255700000000', 'x')).command_status).toBe(THROTTLED);
    simulator.change({ throttleShare: 0, queueFullShare: 1 });
    expect((await esme.submit('255700000000', 'x')).command_status).toBe(0x14);
    simulator.change({ queueFullShare: 0, rejectShare: 1, rejectStatus: 0x0b });
    expect((await esme.submit('255700000000', 'x')).command_status).toBe(0x0b);
    expect(simulator.counters()).toMatchObject({ submits: 3, accepted: 0, duplicated: 0, scheduled: 0 });
  });

  it('accepts a message whose response it drops, and reports on it', async () => {
    const simulator = await simulate({ dropResponseShare: 1 });
    const esme = await bound(simulator);
    esme.submitOnly('255700000000', 'x');
    await esme.deliveries(1);
    expect(simulator.counters()).toMatchObject({ accepted: 1, responsesDropped: 1 });
  });

  it('delays responses and answers them in the order they fall due', async () => {
    const simulator = await simulate();
    const esme = await bound(simulator);
    // Far apart: the three may be read apart on a machine that is busy with other things.
    simulator.script({ destination: '2', responseDelayMs: 800 });
    simulator.script({ destination: '1', responseDelayMs: 10 });
    const order: string[] = [];
    await Promise.all(['29', '19', '39'].map((to) => esme.submit(to, 'x').then(() => order.push(to))));
    expect(order).toEqual(['39', '19', '29']);
  });

  it('loses a delayed response together with its link', async () => {
    const simulator = await simulate({ responseDelayMs: 30 });
    const first = await bound(simulator, 'transmitter');
    first.submitOnly('255700000009', 'one');
    await simulator.entry((entry) => entry.kind === 'submit', DEADLINE_MS);
    first.destroy();
    const second = await bound(simulator, 'transmitter');
    // Answered behind the time at which the first response fell due.
    await second.submit('255700000009', 'two');
    expect(second.answers.filter(({ command }) => command === 'submit_sm_resp')).toHaveLength(1);
    expect(simulator.counters()).toMatchObject({ accepted: 2, responsesLost: 1 });
  });

  it('sends such a response on the next session when told so', async () => {
    const simulator = await simulate({ responseDelayMs: 30, lateResponsesOnNewSession: true });
    const first = await bound(simulator, 'transmitter');
    first.submitOnly('255700000009', 'one', { sequence_number: 77 });
    await simulator.entry((entry) => entry.kind === 'submit', DEADLINE_MS);
    first.destroy();
    const second = await bound(simulator, 'transmitter');
    await second.until('the stray response', () =>
      second.answers.some(
        ({ command, sequence_number }) => command === 'submit_sm_resp' && sequence_number === 77,
      ),
    );
  });

  it('sends the receipt before the response, on the same session', async () => {
    const simulator = await simulate({ receiptsBeforeResponse: true });
    const esme = await bound(simulator);
    const order: string[] = [];
    esme.answerDelivery = () => {
      order.push('receipt');
      return 0;
    };
    await esme.submit('255700000000', 'x').then(() => order.push('response'));
    expect(order).toEqual(['receipt', 'response']);
  });

  it('sends the receipt before the response, on another session', async () => {
    const simulator = await simulate({ receiptsBeforeResponse: true, receiptLeadMs: 100 });
    const transmitter = await bound(simulator, 'transmitter');
    const receiver = await bound(simulator, 'receiver');
    const order: string[] = [];
    await Promise.all([
      transmitter.submit('255700000000', 'x').then(() => order.push('response')),
      receiver.deliveries(1).then(() => order.push('receipt')),
    ]);
    expect(order).toEqual(['receipt', 'response']);
  });

  it('repeats and contradicts receipts', async () => {
    const simulator = await simulate({ duplicateReceipts: 1, contradictingReceipts: true });
    const esme = await bound(simulator);
    await esme.submit('255700000000', 'x');
    expect(stats(await esme.deliveries(4))).toEqual(['DELIVRD', 'DELIVRD', 'UNDELIV', 'UNDELIV']);
  });

  it.each(['fin', 'rst'] as const)(
    'breaks the link (%s) at the n-th submit, which it has accepted',
    async (mode) => {
      const simulator = await simulate({ disconnectAfterSubmits: 3, disconnectMode: mode });
      const esme = await bound(simulator);
      await esme.submit('255700000000', 'one');
      await esme.submit('255700000000', 'two');
      esme.submitOnly('255700000000', 'three');
      await esme.closed;
      expect(simulator.counters()).toMatchObject({ accepted: 3, responsesDropped: 1, linksBroken: 1 });
      const next = await bound(simulator);
      // Those not answered on the first link and those not yet sent.
      const ids = new Set((await next.deliveries(1)).map((receipt) => receipt['receipted_message_id']));
      expect(ids.size).toBeGreaterThanOrEqual(1);
      expect((await next.submit('255700000000', 'four')).command_status).toBe(0);
    },
  );

  it('lets all answers written before a FIN arrive', async () => {
    const simulator = await simulate({ disconnectAfterSubmits: 51 });
    const esme = await bound(simulator);
    const answers = Array.from({ length: 50 }, (_, n) => esme.submit('255700000009', `text ${String(n)}`));
    esme.submitOnly('255700000009', 'the last');
    for (let n = 0; n < 200; n += 1) esme.submitOnly('255700000009', `beyond ${String(n)}`);
    const statuses = (await Promise.all(answers)).map(({ command_status }) => command_status);
    expect(statuses).toEqual(Array.from({ length: 50 }, () => 0));
    await esme.closed;
    expect(simulator.counters().accepted).toBe(51);
  });

  it('goes silent and comes back without losing step', async () => {
    const simulator = await simulate();
    const esme = await bound(simulator);
    simulator.change({ silent: true });
    esme.submitOnly('255700000000', 'unheard');
    await simulator.entry((entry) => entry.kind === 'ignored' && entry.commandId === 4, DEADLINE_MS);
    expect(simulator.counters()).toMatchObject({ submits: 0, pdusIgnored: 1 });
    simulator.change({ silent: false });
    expect((await esme.submit('255700000000', 'heard')).command_status).toBe(0);
  });

  it('resets new connections when told so', async () => {
    const simulator = await simulate({ refuseConnections: true });
    const socket = connect(simulator.port, '127.0.0.1');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect(simulator.counters()).toMatchObject({ connections: 1, binds: 0 });
  });

  it('writes octet by octet and is still understood', async () => {
    const simulator = await simulate({ writeChunkOctets: 1 });
    const esme = await bound(simulator);
    const answers = await Promise.all([1, 2, 3].map((n) => esme.submit('255700000008', `text ${String(n)}`)));
    expect(answers.every(({ command_status }) => command_status === 0)).toBe(true);
    expect(stats(await esme.deliveries(6)).filter((stat) => stat === 'DELIVRD')).toHaveLength(3);
    expect((await esme.request('unbind')).command).toBe('unbind_resp');
    await esme.closed;
  });

  it('counts a message that it accepted twice, also when the ledger is off', async () => {
    const simulator = await smsc.simulate({ ledger: 'off' });
    const esme = await bound(simulator);
    const part = (n: string): string => `\x05\x00\x03\x07\x02${n}same text`;
    await esme.submit('255700000009', part('\x01'), { esm_class: 0x40 });
    await esme.submit('255700000009', part('\x02'), { esm_class: 0x40 });
    await esme.submit('255700000019', part('\x01'), { esm_class: 0x40 });
    expect(simulator.counters()).toMatchObject({ accepted: 3, duplicated: 0 });
    await esme.submit('255700000009', part('\x02'), { esm_class: 0x40 });
    expect(simulator.counters()).toMatchObject({ accepted: 4, duplicated: 1 });
    expect(simulator.ledger()).toEqual([]);
  });

  it('follows a script for one destination: refused, then accepted with an odd story', async () => {
    const simulator = await simulate();
    const esme = await bound(simulator);
    simulator.script({ destination: '2557', times: 2, status: THROTTLED });
    simulator.script({
      destination: '2557',
      times: 1,
      receipts: [
        { stat: 'DELIVRD', delayMs: 1, copies: 3 },
        { stat: 'ACCEPTD', delayMs: 20 },
        { stat: 'DELIVRD', delayMs: 30, messageId: 'unknown-to-you' },
      ],
    });
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await esme.submit('255700000009', 'x')).command_status);
    expect(statuses).toEqual([THROTTLED, THROTTLED, 0]);
    const receipts = await esme.deliveries(5);
    expect(stats(receipts)).toEqual(['DELIVRD', 'DELIVRD', 'DELIVRD', 'ACCEPTD', 'DELIVRD']);
    expect(receipts[4]?.['receipted_message_id']).toBe('unknown-to-you');
    expect(simulator.scripts()).toEqual([]);
  });

  it('sends deliveries that a test made up', async () => {
    const simulator = await simulate();
    simulator.deliver({ source: '255700000000', destination: '15000', text: 'STOP' });
    simulator.deliver({
      source: '255700000000',
      destination: 'SureReach',
      esmClass: 4,
      text: 'id:77 stat:DELIVRD err:000 text:',
      receipted: { messageId: '77', state: 2 },
    });
    const esme = await bound(simulator);
    const [mo, receipt] = await esme.deliveries(2);
    expect(mo).toMatchObject({ source_addr: '255700000000', destination_addr: '15000', esm_class: 0 });
    expect(receipt).toMatchObject({ esm_class: 4, receipted_message_id: '77', message_state: 2 });
  });
});
