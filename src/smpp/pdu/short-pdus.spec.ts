import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodePdu } from '../link.js';
import { COMMAND_ID } from './command-id.js';
import { MAX_SHORT_PDU_OCTETS, writeDeliverResp, writeHeaderOnly } from './short-pdus.js';

const sequenceNumbers = fc.integer({ min: 0, max: 0x7fffffff });

describe('short PDUs', () => {
  it.each(['enquire_link', 'enquire_link_resp', 'unbind', 'unbind_resp', 'generic_nack'] as const)(
    'writes %s as npm smpp writes it',
    (command) => {
      fc.assert(
        fc.property(sequenceNumbers, fc.constantFrom(0, 2, 3), (sequenceNumber, commandStatus) => {
          const out = Buffer.alloc(MAX_SHORT_PDU_OCTETS);
          const end = writeHeaderOnly(out, 0, COMMAND_ID[command], commandStatus, sequenceNumber);
          const theirs = encodePdu(command, sequenceNumber, { command_status: commandStatus });
          expect(out.toString('hex', 0, end)).toBe(theirs.toString('hex'));
        }),
      );
    },
  );

  it.each(['deliver_sm_resp', 'data_sm_resp'] as const)('writes %s as npm smpp writes it', (command) => {
    fc.assert(
      fc.property(sequenceNumbers, (sequenceNumber) => {
        const out = Buffer.alloc(MAX_SHORT_PDU_OCTETS);
        const end = writeDeliverResp(out, 0, COMMAND_ID[command], 0, sequenceNumber);
        expect(out.toString('hex', 0, end)).toBe(encodePdu(command, sequenceNumber).toString('hex'));
      }),
    );
  });

  it('keeps the NULL message_id when it refuses, as SMPP 3.4 §4.6.2 has it', () => {
    const out = Buffer.alloc(MAX_SHORT_PDU_OCTETS, 0xff);
    const end = writeDeliverResp(out, 0, COMMAND_ID.deliver_sm_resp, 0x08, 7);
    expect(out.toString('hex', 0, end)).toBe('00000011800000050000000800000007' + '00');
  });
});
