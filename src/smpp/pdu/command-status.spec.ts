import { describe, expect, it } from '@jest/globals';
import { packageStatusCodes } from '../link.js';
import { isBindFatal, meaningOf, STATUS } from './command-status.js';

describe('command_status', () => {
  it('knows every code that npm smpp knows', () => {
    const unnamed = Object.values(packageStatusCodes).filter(
      (code) => !meaningOf(code).name.startsWith('ESME_'),
    );
    expect(unnamed).toEqual([]);
  });

  it('names the codes as npm smpp does, but for the TLV errors, which SMPP 3.4 calls optional parameters', () => {
    const differing = Object.entries(packageStatusCodes)
      .filter(([name, code]) => meaningOf(code).name !== name)
      .map(([, code]) => code);
    expect(differing).toEqual([0xc0, 0xc1, 0xc2, 0xc3, 0xc4]);
  });

  it.each(Object.entries(STATUS))('names %s in agreement with the table', (name, code) => {
    expect(meaningOf(code).name).toBe(name);
  });

  it('slows down on throttling and on a full queue', () => {
    expect([meaningOf(0x58).class, meaningOf(0x14).class]).toEqual(['throttle', 'throttle']);
  });

  it('takes a code it does not know as final and keeps its number', () => {
    expect(meaningOf(0x412)).toEqual({ name: '0x00000412', class: 'reject' });
  });

  it('lets a connector give a code another class', () => {
    expect(meaningOf(0x412, { 0x412: 'retry' })).toEqual({ name: '0x00000412', class: 'retry' });
    expect(meaningOf(0x45, { 0x45: 'reject' })).toEqual({ name: 'ESME_RSUBMITFAIL', class: 'reject' });
  });

  it('takes a wrong password and an unsupported bind type as fatal for the bind, a full SMSC not', () => {
    expect([0x0d, 0x0e, 0x0f, 0x53, 0x03].every(isBindFatal)).toBe(true);
    expect([0x05, 0x08, 0x14].some(isBindFatal)).toBe(false);
  });
});
