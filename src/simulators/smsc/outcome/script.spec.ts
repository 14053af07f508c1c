import { describe, expect, it } from '@jest/globals';
import { OptionInvalidError } from '../smsc-simulator.errors.js';
import { ScriptBook } from './script.js';

describe('ScriptBook', () => {
  it('gives the script of the longest prefix', () => {
    const book = new ScriptBook();
    book.add({ destination: '', status: 1 });
    book.add({ destination: '2557', status: 3 });
    book.add({ destination: '255', status: 2 });
    expect(book.take('255712')?.status).toBe(3);
    expect(book.take('255812')?.status).toBe(2);
    expect(book.take('49')?.status).toBe(1);
  });

  it('uses up scripts of one prefix in the order they came', () => {
    const book = new ScriptBook();
    book.add({ destination: '1', times: 2, status: 0x58 });
    book.add({ destination: '1', times: 1, status: 0x14 });
    expect([1, 2, 3, 4].map(() => book.take('1')?.status)).toEqual([0x58, 0x58, 0x14, undefined]);
    expect(book.list()).toEqual([]);
  });

  it('keeps a script without a count until it is cleared', () => {
    const book = new ScriptBook();
    book.add({ destination: '1' });
    for (let n = 0; n < 100; n += 1) expect(book.take('1')).toBeDefined();
    expect(book.list()).toMatchObject([{ destination: '1', left: null }]);
    book.clear();
    expect(book.take('1')).toBeUndefined();
  });

  it.each([
    [{ destination: '+255' }, 'destination'],
    [{ destination: '1', receipts: [{ stat: 'delivered' }] }, 'receipts.0.stat'],
    [{ destination: '1', reciepts: [] }, 'body'],
  ])('names what is wrong with %j', (script, field) => {
    const add = (): unknown => new ScriptBook().add(script);
    expect(add).toThrow(OptionInvalidError);
    expect(add).toThrow(expect.objectContaining({ field }));
  });
});
