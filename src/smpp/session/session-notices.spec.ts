import { describe, expect, it } from '@jest/globals';
import { ConnectorRecorder, silentLog, submitSms } from '../../../test/support/connector-recorder.js';
import { FakeWire } from '../../../test/support/fake-wire.js';
import { boundSession } from '../../../test/support/session-on-wire.js';
import { SeededRandomness, VirtualClock } from '../../clock/virtual-clock.js';
import { Connector } from '../connector.js';
import { encodePdu } from '../link.js';

const ALERT = {
  source_addr_ton: 1,
  source_addr: '27831234567',
  esme_addr: '20414',
  ms_availability_status: 0,
};

/** A response with congestion_state, which npm smpp does not know. */
function withCongestion(pdu: Buffer, state: number): Buffer {
  const told = Buffer.concat([pdu, Buffer.from([0x04, 0x28, 0, 1, state])]);
  told.writeUInt32BE(told.length, 0);
  return told;
}

const took = (sequenceNumber: number, state: number): Buffer =>
  withCongestion(encodePdu('submit_sm_resp', sequenceNumber, { message_id: 'id' }), state);

describe('Session, what the SMSC says beside answers and deliveries', () => {
  it('tells of alert_notification and answers nothing', async () => {
    const { wire, told } = await boundSession();
    const blocked = { ...ALERT, source_addr: '27830000000', ms_availability_status: 2 };
    wire.send(encodePdu('alert_notification', 1, ALERT), encodePdu('alert_notification', 2, blocked));
    expect(told).toEqual(['alert 27831234567 0', 'alert 27830000000 2']);
    expect(await wire.received()).toEqual([]);
  });

  it('reads on behind an alert_notification that cannot be read', async () => {
    const { wire, told } = await boundSession();
    const cut = encodePdu('alert_notification', 1, ALERT).subarray(0, 20);
    cut.writeUInt32BE(cut.length, 0);
    wire.send(cut, encodePdu('alert_notification', 2, ALERT));
    expect(told).toEqual(['alert 27831234567 0']);
  });

  it('tells the last congestion_state of one read, before the answers that came with it', async () => {
    const { session, wire, told } = await boundSession();
    session.submit(submitSms(2), 2);
    wire.send(took(2, 60), took(3, 85));
    expect(told).toEqual(['congested 85', 'm1: 0 id', 'm2: 0 id']);
  });

  it('takes congestion_state from an enquire_link_resp too', async () => {
    const { wire, told } = await boundSession();
    wire.send(withCongestion(encodePdu('enquire_link_resp', 9), 42));
    expect(told).toEqual(['congested 42']);
  });
});

describe('Connector', () => {
  it('submits less when the SMSC says that it is congested, and passes on who can be reached again', async () => {
    const clock = new VirtualClock();
    const wire = new FakeWire();
    const recorder = new ConnectorRecorder();
    const connector = new Connector<string>(
      {
        ...{ name: 'main', hosts: [{ host: 'smsc', port: 2775 }], systemId: 'surereach', password: 'secret' },
        ...{ bind: 'transceiver', tls: false, windowSize: 10, submitsPerSecond: 100, interfaceVersion: 0x34 },
        ...{ responseTimeoutMs: 10_000, enquireLinkIntervalMs: 30_000, bindTimeoutMs: 5_000 },
        inactivityTimeoutMs: 0,
      },
      clock,
      new SeededRandomness(1),
      silentLog,
      recorder,
      () => wire.dialled,
    );
    connector.start();
    await wire.bind();
    clock.advance(1_000);
    connector.submit(submitSms(1));
    wire.send(took(2, 100));
    expect(connector.counters().currentSubmitsPerSecond).toBeCloseTo(70);
    expect(connector.counters().congestionState).toBe(100);
    wire.send(encodePdu('alert_notification', 1, ALERT));
    expect(recorder.alerts).toMatchObject([{ sourceAddr: '27831234567', availabilityStatus: 0 }]);
  });
});
