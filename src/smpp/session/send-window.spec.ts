import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { COMMAND_ID } from '../pdu/command-id.js';
import { SendWindow } from './send-window.js';

const RESPONSE_TIMEOUT_MS = 1000;

function windowOf(size: number, firstSequence?: number): SendWindow<string> {
  return new SendWindow<string>(size, RESPONSE_TIMEOUT_MS, firstSequence);
}

function add(window: SendWindow<string>, tag: string, nowMs = 0): number {
  const sequenceNumber = window.nextSequence();
  window.add(sequenceNumber, tag, nowMs);
  return sequenceNumber;
}

describe('SendWindow', () => {
  it('keeps the slot until the response', () => {
    const window = windowOf(2);
    const sequenceNumber = add(window, 'a');
    expect(window.free).toBe(1);
    expect(window.answer(COMMAND_ID.submit_sm_resp, sequenceNumber)).toEqual({ tag: 'a', late: false });
    expect(window.free).toBe(2);
  });

  it('takes a generic_nack as the answer, and no other command with the same number', () => {
    const window = windowOf(2);
    const sequenceNumber = add(window, 'a');
    expect(window.answer(COMMAND_ID.enquire_link_resp, sequenceNumber)).toBeNull();
    expect(window.answer(COMMAND_ID.deliver_sm_resp, sequenceNumber)).toBeNull();
    expect(window.answer(COMMAND_ID.generic_nack, sequenceNumber)).toEqual({ tag: 'a', late: false });
  });

  it('ends nothing twice when the SMSC answers twice', () => {
    const window = windowOf(2);
    const sequenceNumber = add(window, 'a');
    window.answer(COMMAND_ID.submit_sm_resp, sequenceNumber);
    expect(window.answer(COMMAND_ID.submit_sm_resp, sequenceNumber)).toBeNull();
  });

  it('times out what was due, frees its slot, and recognises its late answer once', () => {
    const window = windowOf(2);
    const early = add(window, 'early', 0);
    add(window, 'later', 10);
    expect(window.dueAtMs).toBe(1000);
    expect(window.expire(999)).toEqual([]);
    expect(window.expire(1000)).toEqual(['early']);
    expect(window.free).toBe(1);
    expect(window.answer(COMMAND_ID.submit_sm_resp, early)).toEqual({ tag: 'early', late: true });
    expect(window.answer(COMMAND_ID.submit_sm_resp, early)).toBeNull();
  });

  it('runs through the largest sequence number to 1, past those still pending or timed out', () => {
    const window = windowOf(10, 0x7ffffffe);
    expect([add(window, 'a'), add(window, 'b')]).toEqual([0x7ffffffe, 0x7fffffff]);
    expect(add(window, 'c')).toBe(1);
    const wrapped = windowOf(10, 0x7fffffff);
    wrapped.add(1, 'pending at 1', 0);
    wrapped.add(2, 'timed out at 2', 0);
    wrapped.answer(COMMAND_ID.submit_sm_resp, 1);
    wrapped.expire(RESPONSE_TIMEOUT_MS);
    wrapped.add(1, 'pending at 1', RESPONSE_TIMEOUT_MS);
    expect(wrapped.nextSequence()).toBe(0x7fffffff);
    expect(wrapped.nextSequence()).toBe(3);
  });

  it('tells what was given to the socket from what never left, when the link goes', () => {
    const window = windowOf(10);
    const answered = add(window, 'answered');
    add(window, 'given');
    window.markGivenToSocket();
    add(window, 'kept');
    window.answer(COMMAND_ID.submit_sm_resp, answered);
    expect(window.abandon()).toEqual({ linkLost: ['given'], notSent: ['kept'] });
    expect(window.abandon()).toEqual({ linkLost: [], notSent: [] });
    expect(window.free).toBe(10);
  });

  it('does not remember timed-out entries without bound', () => {
    const window = windowOf(1);
    const first = add(window, 'first', 0);
    window.expire(1000);
    for (let turn = 0; turn < 10_000; turn++) {
      add(window, 'next', 0);
      window.expire(1000);
    }
    expect(window.answer(COMMAND_ID.submit_sm_resp, first)).toBeNull();
  });

  it('ends every submit exactly once, whatever happens in whatever order', () => {
    const happening = fc.oneof(
      fc.record({ what: fc.constant('add' as const) }),
      fc.record({ what: fc.constant('answer' as const), number: fc.integer({ min: 0, max: 40 }) }),
      fc.record({ what: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 700 }) }),
      fc.record({ what: fc.constant('flush' as const) }),
    );
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 120 }), (happenings) => {
        const window = windowOf(8);
        const added: string[] = [];
        const ended: string[] = [];
        let nowMs = 0;
        for (const next of happenings) {
          if (next.what === 'add' && window.free > 0) {
            added.push(`t${String(added.length)}`);
            add(window, added.at(-1) ?? '', nowMs);
          } else if (next.what === 'answer') {
            const answered = window.answer(COMMAND_ID.submit_sm_resp, next.number);
            if (answered?.late === false) ended.push(answered.tag);
            if (answered?.late === true) expect(ended).toContain(answered.tag);
          } else if (next.what === 'pass') {
            nowMs += next.ms;
            ended.push(...window.expire(nowMs));
          } else if (next.what === 'flush') window.markGivenToSocket();
          expect(window.outstanding).toBe(added.length - ended.length);
        }
        const { linkLost, notSent } = window.abandon();
        expect([...ended, ...linkLost, ...notSent].toSorted()).toEqual(added.toSorted());
      }),
    );
  });
});
