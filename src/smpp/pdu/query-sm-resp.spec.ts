import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodePdu } from '../link.js';
import { readQuerySmResp } from './query-sm-resp.js';

describe('query_sm_resp', () => {
  it('is read as npm smpp writes it', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[\x21-\x7e]{0,64}$/),
        fc.constantFrom('', '261121094500000+'),
        fc.nat(255),
        fc.nat(255),
        (message_id, final_date, message_state, error_code) => {
          const pdu = encodePdu('query_sm_resp', 7, { message_id, final_date, message_state, error_code });
          expect(readQuerySmResp(pdu)).toEqual({
            smscMessageId: message_id,
            finalDate: final_date === '' ? null : final_date,
            messageState: message_state,
            errorCode: error_code,
          });
        },
      ),
    );
  });

  it('says of a cut PDU that it cannot be read, wherever it is cut', () => {
    const whole = encodePdu('query_sm_resp', 7, {
      message_id: 'id-1',
      final_date: '261121094500000+',
      message_state: 2,
    });
    for (let length = 16; length < whole.length; length++) {
      expect(readQuerySmResp(whole.subarray(0, length))).toBeNull();
    }
  });

  it('never throws, whatever octets follow the header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (body) => {
        const pdu = Buffer.concat([Buffer.alloc(16), body]);
        const read = readQuerySmResp(pdu);
        expect(read === null || read.smscMessageId.length < 65).toBe(true);
      }),
    );
  });
});
