// A session with the SMSC simulator as an ESME sees it; the ESME is npm `smpp`, which shares no
// code with it.
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { type SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { receiptText } from '../support/package-esme.js';
import { simulatedSmsc } from '../support/simulated-smsc.js';

const { simulate, connected, bound, release } = simulatedSmsc();

/** Sends octets and gives everything that comes back until the SMSC closes. */
async function exchange(simulator: SmscSimulator, octets: Buffer): Promise<Buffer> {
  const socket = connect(simulator.port, '127.0.0.1');
  release(socket);
  const answer: Buffer[] = [];
  socket.on('data', (chunk) => answer.push(chunk));
  socket.write(octets);
  await once(socket, 'end');
  return Buffer.concat(answer);
}

describe('a session with the SMSC simulator', () => {
  it.each(['transceiver', 'transmitter', 'receiver'] as const)('binds as %s', async (mode) => {
    const simulator = await simulate();
    const answer = await (await connected(simulator)).bind(mode);
    expect(answer).toMatchObject({
      command: `bind_${mode}_resp`,
      command_status: 0,
      sc_interface_version: 0x34,
    });
    expect(simulator.counters().sessions[mode]).toBe(1);
  });

  it('leaves TLVs out for an ESME of SMPP 3.3, and gives it ids of 8 digits', async () => {
    const simulator = await simulate({ settings: { congestionState: 50, receiptDelayMs: 5 } });
    const esme = await connected(simulator);
    expect(await esme.bind('transceiver', { interface_version: 0x33 })).not.toHaveProperty(
      'sc_interface_version',
    );
    const answer = await esme.submit('254722000000', 'x');
    expect(answer).not.toHaveProperty('congestion_state');
    expect(answer['message_id']).toMatch(/^[0-9a-f]{8}$/);
    const [receipt] = await esme.deliveries(1);
    if (receipt === undefined) throw new Error('unreachable: waited for one');
    expect(receipt).not.toHaveProperty('receipted_message_id');
    expect(receiptText(receipt)).toContain(`id:${String(answer['message_id'])}`);
  });

  it('refuses a wrong password, an unknown system_id and, when told so, every bind', async () => {
    const simulator = await simulate();
    const esme = await connected(simulator);
    expect((await esme.bind('transceiver', { password: 'wrong' })).command_status).toBe(0x0e);
    expect((await esme.bind('transceiver', { system_id: 'nobody' })).command_status).toBe(0x0f);
    simulator.change({ bindStatus: 0x0d });
    expect((await esme.bind('transceiver')).command_status).toBe(0x0d);
    simulator.change({ bindStatus: 0 });
    expect((await esme.bind('transceiver')).command_status).toBe(0);
    expect(simulator.counters().bindsRefused).toEqual({
      ESME_RINVPASWD: 1,
      ESME_RINVSYSID: 1,
      ESME_RBINDFAIL: 1,
    });
  });

  it('answers a second bind with ESME_RALYBND and allows no more sessions than set', async () => {
    const simulator = await simulate({ settings: { maxSessionsPerAccount: 1 } });
    const esme = await bound(simulator);
    expect((await esme.bind('transceiver')).command_status).toBe(0x05);
    expect((await (await connected(simulator)).bind('transceiver')).command_status).toBe(0x0d);
  });

  it('takes submit_sm only on a session that may transmit', async () => {
    const simulator = await simulate();
    expect((await (await connected(simulator)).submit('255700000000', 'x')).command_status).toBe(0x04);
    expect((await (await bound(simulator, 'receiver')).submit('255700000000', 'x')).command_status).toBe(
      0x04,
    );
    expect((await (await bound(simulator, 'transmitter')).submit('255700000000', 'x')).command_status).toBe(
      0,
    );
    expect(simulator.counters()).toMatchObject({ submits: 3, accepted: 1, refused: { ESME_RINVBNDSTS: 2 } });
  });

  it('answers enquire_link, and unbind before it closes', async () => {
    const simulator = await simulate();
    const esme = await bound(simulator);
    expect((await esme.request('enquire_link')).command).toBe('enquire_link_resp');
    expect((await esme.request('unbind')).command).toBe('unbind_resp');
    await esme.closed;
    expect(simulator.counters().sessions.transceiver).toBe(0);
  });

  it('answers a command it does not know with generic_nack ESME_RINVCMDID', async () => {
    const answer = await (
      await bound(await simulate())
    ).request('submit_multi', {
      number_of_dests: 0,
      dest_address: [],
    });
    expect(answer).toMatchObject({ command: 'generic_nack', command_status: 0x03 });
  });

  it.each([0, 15, 0xffffffff])('nacks a command_length of %i and closes', async (length) => {
    const header = Buffer.alloc(16);
    header.writeUInt32BE(length, 0);
    const answer = await exchange(await simulate(), header);
    expect(answer.toString('hex')).toBe('00000010' + '80000000' + '00000002' + '00000000');
  });

  it('never answers a generic_nack or a response nobody asked for', async () => {
    const simulator = await simulate();
    const nack = Buffer.from('00000010800000000000000300000009', 'hex');
    const stray = Buffer.from('0000001080000015000000000000000a', 'hex');
    const unbind = Buffer.from('00000010000000060000000000000001', 'hex');
    const answer = await exchange(simulator, Buffer.concat([nack, stray, unbind]));
    expect(answer.toString('hex')).toBe('00000010800000060000000000000001');
    expect(simulator.counters()).toMatchObject({ genericNacksReceived: 1, genericNacksSent: 0 });
  });

  it('sends enquire_link itself when told so', async () => {
    const simulator = await simulate({ settings: { enquireLinkIntervalMs: 1 } });
    const esme = await bound(simulator);
    await esme.until('two enquire_link', () => esme.received.length >= 2);
    expect(esme.received.every(({ command }) => command === 'enquire_link')).toBe(true);
  });

  it('ends a session with unbind when told so', async () => {
    const simulator = await simulate();
    const esme = await bound(simulator);
    expect(simulator.disconnect('unbind')).toBe(1);
    await esme.closed;
    expect(esme.received.map(({ command }) => command)).toEqual(['unbind']);
  });
});
