// The SMSC simulator with foreign ESMEs that speak SMPP 3.3, or have no manners.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { polled } from '../support/polled.js';
import { FarEnd } from './support/far-end.js';
import { ESME_RINVCMDID, ESME_RINVCMDLEN, GARBAGE, genericNack, unknownRequest } from './support/pdus.js';
import { overStacks } from './support/stacks.js';

const DEADLINE_MS = 10_000;
const NACKS = 50;

overStacks('our SMSC and the odd ESME of', ['jSMPP', 'cloudhopper-smpp', 'smpplib'], (stack) => {
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
      accounts: [{ systemId: 'surereach', password: 'secret' }],
      settings: { receiptDelayMs: 5, congestionState: 50 },
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

  async function bind(mode: string, version: number): Promise<void> {
    const done = await esme.order('bind', { port: smsc.port, mode, password: 'secret', version });
    expect(done.status).toBe(0);
  }

  const hex = Buffer.from('An older protocol.').toString('hex');
  const submit = { from: 'SureReach', to: '254722000000', hex, esmClass: 0, dataCoding: 0, registered: 1 };

  // smpplib cannot be told to bind as anything but 3.4.
  if (stack.name !== 'smpplib') {
    it('speaks SMPP 3.3 to one that does: no TLVs, ids of 8 digits', async () => {
      await bind('transmitter', 0x33);
      await bind('receiver', 0x33);
      const answer = await esme.order('submit', submit);
      expect(answer.status).toBe(0);
      expect(answer.id).toMatch(/^[0-9a-f]{8}$/);
      const receipt = await esme.told('delivered', 'the receipt');
      expect(receipt.tlvs).toBe(0);
      expect(Buffer.from(String(receipt.hex), 'hex').toString('latin1')).toContain(
        `id:${String(answer.id)} sub:001 dlvrd:001 `,
      );
      expect(esme.all('failed')).toEqual([]);
    });
  }

  it('adds the TLVs for one that speaks SMPP 3.4', async () => {
    await bind('transceiver', 0x34);
    await esme.order('submit', submit);
    expect((await esme.told('delivered', 'the receipt')).tlvs).toBeGreaterThanOrEqual(2);
  });

  it('nacks a command it does not know once, and never a nack', async () => {
    await bind('transceiver', 0x34);
    await esme.order('nackBack');
    await esme.order('write', { hex: unknownRequest(77) });
    await esme.told('nacked', 'the nack of the simulator');
    const flood = Array.from({ length: NACKS }, (_, index) => genericNack(1_000_000 + index));
    await esme.order('write', { hex: flood.join('') });
    await polled('all the nacks', () => smsc.counters().genericNacksReceived === NACKS + 1);
    await esme.order('enquire');
    expect(esme.all('nacked')).toEqual([{ event: 'nacked', status: ESME_RINVCMDID, sequence: 77 }]);
    expect(smsc.counters().genericNacksSent).toBe(1);
  });

  it('nacks a stream that is no SMPP once, and closes it', async () => {
    await bind('transceiver', 0x34);
    await esme.order('write', { hex: GARBAGE });
    await smsc.entry(({ kind }) => kind === 'closed', DEADLINE_MS);
    await esme.told('closed', 'the end of the session');
    expect(esme.all('nacked')).toEqual([{ event: 'nacked', status: ESME_RINVCMDLEN, sequence: 0 }]);
    expect(smsc.counters().genericNacksSent).toBe(1);
  });
});
