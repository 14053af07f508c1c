import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCongestionState } from './congestion-state.js';

function response(commandId: number, body: string): Buffer {
  const octets = Buffer.alloc(16 + body.length / 2);
  octets.writeUInt32BE(octets.length, 0);
  octets.writeUInt32BE(commandId, 4);
  octets.write(body, 16, 'hex');
  return octets;
}

const read = (octets: Buffer): number | null => readCongestionState(octets, 0, octets.length);
const SUBMIT_SM_RESP = 0x80000004;
const ENQUIRE_LINK_RESP = 0x80000015;
const STATE_85 = '0428000155';

describe('congestion_state', () => {
  it.each([
    ['submit_sm_resp', SUBMIT_SM_RESP, `61626300${STATE_85}`],
    ['submit_sm_resp behind another TLV', SUBMIT_SM_RESP, `610002040002abcd${STATE_85}`],
    ['submit_sm_resp without a message_id', SUBMIT_SM_RESP, STATE_85],
    ['submit_sm_resp with an empty message_id', SUBMIT_SM_RESP, `00${STATE_85}`],
    ['data_sm_resp', 0x80000103, `6100${STATE_85}`],
    ['query_sm_resp', 0x80000003, `6162003236000205${STATE_85}`],
    ['query_sm_resp without a body of its own', 0x80000003, STATE_85],
    ['enquire_link_resp', ENQUIRE_LINK_RESP, STATE_85],
    ['generic_nack', 0x80000000, STATE_85],
  ])('is read from %s', (_, commandId, body) => {
    expect(read(response(commandId, body))).toBe(85);
  });

  it.each([
    ['there is none', SUBMIT_SM_RESP, '61626300'],
    ['it is a state and an error that look like one', 0x80000003, '6100000428000155'],
    ['the response has no body', ENQUIRE_LINK_RESP, ''],
    ['it says more than 100', SUBMIT_SM_RESP, '61000428000165'],
    ['it has another length', SUBMIT_SM_RESP, '61000428000200ff'],
    ['it reaches beyond the PDU', SUBMIT_SM_RESP, '610004280009ff'],
    ['the message_id has no end', SUBMIT_SM_RESP, '616263646566'],
    ['it is the message_id that looks like one', SUBMIT_SM_RESP, '31043238000155'],
  ])('is unknown when %s', (_, commandId, body) => {
    expect(read(response(commandId, body))).toBeNull();
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
