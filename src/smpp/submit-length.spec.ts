// SMPPSim 2.6.11 takes a command_length whose low octet is 0xFF for the end of the connection: it
// answers the PDU before it once more and closes. What we submit is always shorter than that.
import { describe, expect, it } from '@jest/globals';
import { accepted, at } from '../../test/support/message-builders.js';
import type { TextEncoding } from '../message/message-format.js';
import { evolve, initialState } from '../message/message.js';
import { countParts } from '../message/short-message.js';
import { MAX_SUBMIT_SM_OCTETS, writeSubmitSm } from './pdu/submit-sm.js';
import { SubmitForm } from './submit-form.js';

/** E.164: 15 digits at most, of the recipient as of the sender. */
const LONGEST_NUMBER = '+999999999999999';
const FIRST_POISONED_LENGTH = 0xff;

describe('the length of a submit_sm', () => {
  it.each<[TextEncoding, string, number]>([
    ['gsm7', 'x', 160],
    ['gsm7', 'x', 161],
    ['gsm7', '€', 80],
    ['latin1', 'ä', 140],
    ['latin1', 'ä', 1000],
    ['ucs2', 'Ж', 70],
    ['ucs2', 'Ж', 1000],
  ])('stays below 255 octets: %s, %s times %i', (encoding, character, times) => {
    const text = character.repeat(times);
    const message = evolve(
      initialState,
      accepted({
        encoding,
        from: LONGEST_NUMBER,
        partCount: countParts({ text, encoding }),
        personal: { to: LONGEST_NUMBER, text },
      }),
    );
    const lengths = new SubmitForm()
      .submitSms(message, Date.parse(at(0)))
      .map((pdu) => writeSubmitSm(Buffer.alloc(MAX_SUBMIT_SM_OCTETS), 0, 1, pdu));

    expect(lengths.length).toBeGreaterThan(0);
    expect(Math.max(...lengths)).toBeLessThan(FIRST_POISONED_LENGTH);
  });
});
