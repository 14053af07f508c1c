import { describe, expect, it } from '@jest/globals';
import { packageStatusCodes } from '../link.js';
import { ConnectorOptionError } from '../smpp.errors.js';
import { STANDARD_STATUSES, STATUS, StatusTable } from './command-status.js';
import type { StatusOverrides } from './status-overrides.js';

const standard = STANDARD_STATUSES;
const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Every code of SMPP 3.4 §5.1.3 and SMPP 5.0 §4.7.6, by what it asks of a sender of submit_sm. */
const CLASSES = {
  accepted: [0x00],
  'bind-fatal': [0x0d, 0x0e, 0x0f, 0x53],
  session: [0x02, 0x03, 0x04, 0x05],
  throttle: [0x14, 0x58],
  retry: [0x08, 0x45, 0x64, 0x67, 0xfe, 0xff],
  reject: [
    ...[0x01, 0x06, 0x07, 0x0a, 0x0b, 0x0c, 0x11, 0x13, 0x15, 0x33, 0x34, 0x40, 0x42, 0x43, 0x44, 0x48, 0x49],
    ...[0x50, 0x51, 0x54, 0x55, 0x61, 0x62, 0x63, 0x65, 0x66],
    ...range(0xc0, 0xc4),
    ...range(0x100, 0x112),
  ],
} as const;

describe('command_status', () => {
  it('knows every code that npm smpp knows', () => {
    const unnamed = Object.values(packageStatusCodes).filter(
      (code) => !standard.meaningOf(code).name.startsWith('ESME_'),
    );
    expect(unnamed).toEqual([]);
  });

  it('names the codes as npm smpp does, but for the TLV errors, which SMPP 3.4 calls optional parameters', () => {
    const differing = Object.entries(packageStatusCodes)
      .filter(([name, code]) => standard.meaningOf(code).name !== name)
      .map(([, code]) => code);
    expect(differing).toEqual([0xc0, 0xc1, 0xc2, 0xc3, 0xc4]);
  });

  it.each(Object.entries(STATUS))('names %s in agreement with the table', (name, code) => {
    expect(standard.meaningOf(code).name).toBe(name);
  });

  it.each(Object.entries(CLASSES))('has these codes in the class %s', (statusClass, codes) => {
    const others = codes.filter((code) => standard.meaningOf(code).class !== statusClass);
    expect(others.map((code) => code.toString(16))).toEqual([]);
  });

  it('lists no code besides those of the specification', () => {
    const listed = range(0, 0x4ff).filter((code) => standard.meaningOf(code).name.startsWith('ESME_'));
    expect(listed).toEqual(
      Object.values(CLASSES)
        .flat()
        .toSorted((a, b) => a - b),
    );
  });

  it('tells in words what each code means, and no two codes alike', () => {
    const meanings = Object.values(CLASSES)
      .flat()
      .map((code) => standard.meaningOf(code).meaning);
    expect(new Set(meanings).size).toBe(meanings.length);
  });

  it.each([
    ['ESME_RSYSERR', 0x08, { limit: 5, firstSeconds: 30, factor: 2, longestSeconds: 900 }],
    ['ESME_RX_T_APPN', 0x64, { limit: 5, firstSeconds: 30, factor: 2, longestSeconds: 900 }],
    ['ESME_RSUBMITFAIL', 0x45, { limit: 3, firstSeconds: 30, factor: 2, longestSeconds: 900 }],
    ['ESME_RTHROTTLED', 0x58, { limit: null, firstSeconds: 1, factor: 1, longestSeconds: 1 }],
    ['ESME_RMSGQFUL', 0x14, { limit: null, firstSeconds: 1, factor: 2, longestSeconds: 30 }],
    ['ESME_RINVBNDSTS', 0x04, { limit: null, firstSeconds: 1, factor: 2, longestSeconds: 60 }],
    ['ESME_RINVCMDLEN', 0x02, { limit: 6, firstSeconds: 5, factor: 2, longestSeconds: 300 }],
  ])('says how often and how soon after %s', (name, code, retry) => {
    expect(standard.meaningOf(code)).toMatchObject({ name, retry });
  });

  it('takes a code it does not know as final and keeps its number, a vendor’s as the vendor’s', () => {
    expect(standard.meaningOf(0x412)).toEqual({
      name: '0x00000412',
      class: 'reject',
      meaning: 'an error of this vendor',
    });
    expect(standard.meaningOf(0xdeadbeef)).toEqual({
      name: '0xdeadbeef',
      class: 'reject',
      meaning: 'not in the specification',
    });
  });

  it('takes a wrong account and an unsupported bind type as fatal for the bind, a full SMSC not', () => {
    expect([0x0d, 0x0e, 0x0f, 0x53, 0x03].map((code) => standard.bindRefusal(code))).toEqual(
      Array(5).fill('fatal'),
    );
    expect([0x08, 0x14, 0x58, 0x0b].map((code) => standard.bindRefusal(code))).toEqual(
      Array(4).fill('temporary'),
    );
    expect(standard.bindRefusal(0x05)).toBe('occupied');
  });
});

describe('the overrides of a connector', () => {
  it('give a code another class, with the patience of that class', () => {
    const table = new StatusTable({ '0x14': { class: 'reject' }, '69': { class: 'throttle' } });
    expect(table.meaningOf(0x14)).toMatchObject({ name: 'ESME_RMSGQFUL', class: 'reject' });
    expect(table.meaningOf(0x45)).toMatchObject({
      class: 'throttle',
      retry: { limit: null, firstSeconds: 1 },
    });
    expect(table.meaningOf(0x58)).toEqual(standard.meaningOf(0x58));
  });

  it('give a range of vendor codes retries and a first pause', () => {
    const table = new StatusTable({ '0x400-0x4FF': { class: 'retry', retries: 5, delaySeconds: 30 } });
    const retry = { limit: 5, firstSeconds: 30, factor: 2, longestSeconds: 900 };
    expect(table.meaningOf(0x400)).toMatchObject({ name: '0x00000400', class: 'retry', retry });
    expect(table.meaningOf(0x4ff)).toMatchObject({ retry });
    expect(table.meaningOf(0x500).class).toBe('reject');
  });

  it('take the narrowest entry that holds the code, in whatever order they stand', () => {
    const table = new StatusTable({
      '0x400-0x4ff': { class: 'retry' },
      '0x401': { class: 'reject' },
      '0x410-0x41f': { class: 'throttle' },
    });
    expect([0x400, 0x401, 0x410, 0x420].map((code) => table.meaningOf(code).class)).toEqual([
      'retry',
      'reject',
      'throttle',
      'retry',
    ]);
  });

  it('change one figure of a code and leave the others', () => {
    const table = new StatusTable({ '0x08': { class: 'retry', retries: null } });
    expect(table.meaningOf(0x08)).toMatchObject({
      retry: { limit: null, firstSeconds: 30, factor: 2, longestSeconds: 900 },
    });
  });

  it('never cut the first pause that somebody asked for', () => {
    const table = new StatusTable({ '0x58': { class: 'throttle', delaySeconds: 20 } });
    expect(table.meaningOf(0x58)).toMatchObject({ retry: { firstSeconds: 20, longestSeconds: 20 } });
  });

  it('say what a bind makes of a code', () => {
    const table = new StatusTable({ '0x0d': { class: 'session' }, '0x401': { class: 'bind-fatal' } });
    expect([0x0d, 0x401, 0x03].map((code) => table.bindRefusal(code))).toEqual([
      'temporary',
      'fatal',
      'fatal',
    ]);
  });

  it.each<[string, unknown, RegExp]>([
    ['0', { class: 'retry' }, /"0" must be a command_status such as 0x58/],
    ['throttled', { class: 'retry' }, /"throttled" must be a command_status/],
    ['0x4ff-0x400', { class: 'retry' }, /must be .* a range such as 0x400-0x4FF/],
    ['0x58', { class: 'slow' }, /0x58\.class: /],
    ['0x58', { class: 'reject', retries: 3 }, /0x58: .*retries/],
    ['0x58', { class: 'throttle', retries: 3 }, /0x58: .*retries/],
    ['0x58', { class: 'retry', retries: -1 }, /0x58\.retries: /],
    [
      '0x58',
      { class: 'retry', delaySeconds: 9, longestDelaySeconds: 3 },
      /longestDelaySeconds: must not be below/,
    ],
    ['0x58', 'retry', /0x58: /],
  ])('are refused when they cannot be meant: %s %j', (key, value, message) => {
    // As it comes from a file: not yet of any type.
    const given = { [key]: value } as StatusOverrides;
    expect(() => new StatusTable(given)).toThrow(ConnectorOptionError);
    expect(() => new StatusTable(given)).toThrow(message);
  });

  it.each([
    ['0x400-0x40f', '0x408-0x41f'],
    ['0x58', '88'],
  ])('are refused when two of them claim the same code: %s and %s', (one, other) => {
    const given: StatusOverrides = { [one]: { class: 'retry' }, [other]: { class: 'throttle' } };
    expect(() => new StatusTable(given)).toThrow(/overlap; put one inside the other/);
  });
});
