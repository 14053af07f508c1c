import { describe, expect, it } from '@jest/globals';
import { SubmitFingerprints } from './submit-fingerprints.js';

function add(fingerprints: SubmitFingerprints, ...fields: string[]): boolean {
  fingerprints.begin();
  for (const field of fields) {
    const octets = Buffer.from(field, 'latin1');
    fingerprints.mix(octets, 0, octets.length);
  }
  return fingerprints.add();
}

describe('SubmitFingerprints', () => {
  it('knows a message again and only that one', () => {
    const fingerprints = new SubmitFingerprints();
    expect(add(fingerprints, '255700000001', 'hello')).toBe(true);
    expect(add(fingerprints, '255700000002', 'hello')).toBe(true);
    expect(add(fingerprints, '255700000001', 'hello!')).toBe(true);
    expect(add(fingerprints, '255700000001', 'hello')).toBe(false);
    expect(fingerprints.size).toBe(3);
  });

  it('does not let one field run into the next', () => {
    const fingerprints = new SubmitFingerprints();
    expect(add(fingerprints, '12', '3')).toBe(true);
    expect(add(fingerprints, '1', '23')).toBe(true);
    expect(add(fingerprints, '', '123')).toBe(true);
  });

  it('stays exact over 200,000 similar messages and their repetition', () => {
    const fingerprints = new SubmitFingerprints();
    let again = 0;
    for (let round = 0; round < 2; round += 1) {
      for (let n = 0; n < 200_000; n += 1) {
        if (!add(fingerprints, String(255_700_000_000 + (n % 1000)), `notice ${String(n)}`)) again += 1;
      }
    }
    expect(fingerprints.size).toBe(200_000);
    expect(again).toBe(200_000);
  });

  it('forgets when cleared', () => {
    const fingerprints = new SubmitFingerprints();
    add(fingerprints, '1', 'x');
    fingerprints.clear();
    expect(add(fingerprints, '1', 'x')).toBe(true);
  });
});
