// Every file of test/fixtures/receipts is one dialect: the PDU as it came, the connector's settings,
// and what must be read. A new dialect is a new file.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type ReceiptFixture, receiptPdu } from '../../../test/support/receipt-pdu.js';
import { readDeliveryReceipt } from './delivery-receipt.js';
import { normaliseSubmitId, receiptDialect } from './receipt-options.js';

const FIXTURES = new URL('../../../test/fixtures/receipts/', import.meta.url);

const fixtures = readdirSync(FIXTURES)
  .filter((file) => file.endsWith('.json'))
  .map((file) => {
    const fixture = JSON.parse(readFileSync(new URL(file, FIXTURES), 'utf8')) as ReceiptFixture;
    return [file, fixture] as const;
  });

describe('the receipt dialect', () => {
  it.each(fixtures)('%s is read as its file says', (file, fixture) => {
    expect(`${fixture.dialect}.json`).toBe(file);
    expect(readDeliveryReceipt(receiptPdu(fixture), receiptDialect(fixture.options))).toEqual(
      fixture.expected,
    );
  });

  const withSubmitIds = fixtures.filter(([, { submitIds }]) => submitIds !== undefined);

  it.each(withSubmitIds)('%s names the message as submit_sm_resp did', (_file, fixture) => {
    const { submitIds = {}, options, expected } = fixture;
    for (const [written, normalised] of Object.entries(submitIds)) {
      expect(normaliseSubmitId(options, written)).toBe(normalised);
      expect(expected).toMatchObject({ smscMessageId: normalised });
    }
  });
});
