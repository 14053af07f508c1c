import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodePdu } from '../link.js';
import { readAlertNotification } from './alert-notification.js';

const FIELDS = {
  source_addr_ton: 1,
  source_addr_npi: 1,
  source_addr: '27831234567',
  esme_addr_ton: 3,
  esme_addr_npi: 0,
  esme_addr: '20414',
};

const read = (octets: Buffer): ReturnType<typeof readAlertNotification> =>
  readAlertNotification(octets, 0, octets.length);

describe('alert_notification', () => {
  it('is read as npm smpp writes it', () => {
    expect(read(encodePdu('alert_notification', 1, { ...FIELDS, ms_availability_status: 1 }))).toEqual({
      sourceTon: 1,
      sourceNpi: 1,
      sourceAddr: '27831234567',
      esmeTon: 3,
      esmeNpi: 0,
      esmeAddr: '20414',
      availabilityStatus: 1,
    });
  });

  it('has no status when the SMSC gives none', () => {
    expect(read(encodePdu('alert_notification', 1, FIELDS))).toMatchObject({ availabilityStatus: null });
  });

  it('is none when it ends before its fields do, or an address has no end', () => {
    const whole = encodePdu('alert_notification', 1, FIELDS);
    for (let end = 16; end < whole.length; end++) expect(readAlertNotification(whole, 0, end)).toBeNull();
    expect(read(encodePdu('alert_notification', 1, { ...FIELDS, source_addr: '1'.repeat(65) }))).toBeNull();
  });

  it('never makes reading throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 60 }), (octets) => {
        read(Buffer.from(octets));
      }),
      { numRuns: 2_000 },
    );
  });
});
