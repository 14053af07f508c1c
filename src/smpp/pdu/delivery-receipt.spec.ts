// The dialects stand in test/fixtures/receipts (receipt-dialects.spec.ts); here are the rules.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ReceiptFields, receiptPdu } from '../../../test/support/receipt-pdu.js';
import { type DeliveryReceipt, readDeliveryReceipt } from './delivery-receipt.js';
import { type ReceiptOptions, receiptDialect } from './receipt-options.js';

const receiptOf = (fields: ReceiptFields, options?: ReceiptOptions): DeliveryReceipt =>
  readDeliveryReceipt(receiptPdu(fields), receiptDialect(options));

const text = (shortMessage: string, esmClass = 4): DeliveryReceipt =>
  receiptOf({ esmClass, dataCoding: 0, shortMessage, tlvs: {} });

describe('delivery receipt', () => {
  it('cuts an id that no index of the store could hold, in the TLV and in the text', () => {
    const tlvs = { '001e': Buffer.from('7'.repeat(4000)).toString('hex') };
    expect(receiptOf({ esmClass: 4, dataCoding: 0, shortMessage: 'stat:DELIVRD', tlvs })).toMatchObject({
      smscMessageId: '7'.repeat(255),
      state: 'delivered',
    });
    const payload = { '0424': Buffer.from(`id:${'8'.repeat(900)} stat:DELIVRD`).toString('hex') };
    expect(receiptOf({ esmClass: 4, dataCoding: 0, shortMessage: '', tlvs: payload })).toMatchObject({
      smscMessageId: '8'.repeat(255),
      state: 'delivered',
    });
  });

  it('takes a network_error_code for digits only when all of it is, so that no NUL reaches the store', () => {
    const errorOf = (hex: string): unknown =>
      receiptOf({ esmClass: 4, dataCoding: 0, shortMessage: 'id:1', tlvs: { '0423': hex } });
    expect(errorOf('300000')).toMatchObject({ networkError: '48:0' });
    expect(errorOf('313233')).toMatchObject({ networkError: '123' });
  });

  it('keeps DEL out of the evidence like every other control character', () => {
    expect(text('id:1\x7f stat:DELIVRD')).toMatchObject({ raw: 'id:1  stat:DELIVRD' });
  });

  it.each([
    ['DELIVRD', 'delivered', true],
    ['EXPIRED', 'expired', true],
    ['DELETED', 'deleted', true],
    ['UNDELIV', 'undeliverable', true],
    ['UNKNOWN', 'unknown', true],
    ['REJECTD', 'rejected', true],
    ['ACCEPTD', 'accepted', false],
    ['ENROUTE', 'enroute', false],
    ['BUFFRED', 'enroute', false],
    ['NONSENSE', null, false],
  ])('takes stat:%s as %s', (word, state, final) => {
    expect(text(`id:1 stat:${word} err:000`)).toMatchObject({ state, final });
  });

  it.each([
    ['00', 'enroute'],
    ['01', 'enroute'],
    ['02', 'delivered'],
    ['03', 'expired'],
    ['04', 'deleted'],
    ['05', 'undeliverable'],
    ['06', 'accepted'],
    ['07', 'unknown'],
    ['08', 'rejected'],
    ['09', 'undeliverable'],
    ['2a', 'expired'],
  ])('lets message_state %s win over the text, and falls back to it when unknown', (hex, state) => {
    const tlvs = { '0427': hex };
    expect(receiptOf({ esmClass: 4, dataCoding: 0, shortMessage: 'id:1 stat:EXPIRED', tlvs })).toMatchObject({
      state,
    });
  });

  it('keeps nothing of what a person wrote, and parses none of it', () => {
    const receipt = text('id:7 stat:DELIVRD err:000 text:id:8 stat:UNDELIV my pin is 1234');
    expect(receipt).toMatchObject({
      smscMessageId: '7',
      state: 'delivered',
      raw: 'id:7 stat:DELIVRD err:000',
    });
  });

  it('keeps no text in which it recognises nothing', () => {
    expect(text('my pin is 1234')).toMatchObject({ smscMessageId: null, state: null, raw: '' });
  });

  it('never calls an intermediate notification final', () => {
    expect(text('id:1 stat:UNDELIV err:001', 0x20)).toMatchObject({
      isReceipt: true,
      state: 'enroute',
      final: false,
    });
  });

  it('does not believe a text message that only looks like a receipt', () => {
    expect(text('id:1 stat:DELIVRD err:000', 0)).toEqual({ isReceipt: false });
    expect(text('id:1 stat:DELIVRD err:000', 0x08)).toEqual({ isReceipt: false });
  });

  it('does not take another word for a label', () => {
    expect(text('msgid:9 id:1 mystat:UNDELIV stat:DELIVRD')).toMatchObject({
      smscMessageId: '1',
      state: 'delivered',
    });
  });

  it('reads an empty field as absent, not as the next field', () => {
    expect(text('id: sub:001 done date: stat: err:')).toMatchObject({
      smscMessageId: null,
      doneDate: null,
      state: null,
      networkError: null,
    });
  });

  it('reads the fields in any order, case and combination', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9_@$-]{1,20}$/);
    const fields = fc.record({ id: word, err: word, date: fc.stringMatching(/^\d{10}(\d{2}){0,2}$/) });
    const order = fc.shuffledSubarray(['id', 'done', 'stat', 'err', 'sub'], { minLength: 5 });
    fc.assert(
      fc.property(fields, order, fc.boolean(), ({ id, err, date }, labels, upper) => {
        const parts: Record<string, string> = {
          id: `id:${id}`,
          done: `done date:${date}`,
          stat: 'stat:DELIVRD',
          err: `err:${err}`,
          sub: 'sub:001 dlvrd:001 submit date:2611210140',
        };
        const written = labels
          .map((label) => {
            const [name = '', value = ''] = (parts[label] ?? '').split(/:(.*)/s);
            return `${upper ? name.toUpperCase() : name}:${value}`;
          })
          .join(' ');
        expect(text(written)).toMatchObject({
          smscMessageId: id,
          networkError: err,
          doneDate: date,
          state: 'delivered',
        });
      }),
    );
  });
});
