import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../clock/virtual-clock.js';
import { OptionInvalidError, WaitEndedError } from '../smsc-simulator.errors.js';
import { Ledger, type LedgerEntry } from './ledger.js';

const AT = '2026-01-01T00:00:00.000Z';

function bound(session: number): LedgerEntry {
  return { kind: 'bound', session, systemId: 'surereach', mode: 'transceiver' };
}

function fill(ledger: Ledger, count: number): void {
  for (let n = 0; n < count; n += 1) ledger.record(AT, bound(n));
}

describe('Ledger', () => {
  it('gives the entries from an index on, oldest first', () => {
    const ledger = new Ledger({ keep: 'memory', limit: 100 });
    fill(ledger, 5);
    expect(ledger.since(3).map(({ index, session }) => [index, session])).toEqual([
      [3, 3],
      [4, 4],
    ]);
  });

  it('keeps no more than its limit, the newest', () => {
    const ledger = new Ledger({ keep: 'memory', limit: 3 });
    fill(ledger, 10);
    expect(ledger.since(0).map(({ index }) => index)).toEqual([7, 8, 9]);
  });

  it('goes on counting behind a clear', () => {
    const ledger = new Ledger({ keep: 'memory', limit: 10 });
    fill(ledger, 4);
    ledger.clear();
    fill(ledger, 2);
    expect(ledger.since(0).map(({ index }) => index)).toEqual([4, 5]);
  });

  it('finds an entry that is there and waits for one that is not', async () => {
    const clock = new VirtualClock();
    const ledger = new Ledger({ keep: 'memory', limit: 10 });
    fill(ledger, 1);
    await expect(ledger.first(({ session }) => session === 0, 0, 100, clock)).resolves.toMatchObject({
      index: 0,
    });
    const coming = ledger.first(() => true, 1, 100, clock);
    ledger.record(AT, bound(7));
    await expect(coming).resolves.toMatchObject({ index: 1, session: 7 });
  });

  it('ends the wait at its deadline, and at once when nothing is kept', async () => {
    const clock = new VirtualClock();
    const waiting = new Ledger({ keep: 'memory', limit: 10 }).first(() => true, 0, 100, clock);
    clock.advance(100);
    await expect(waiting).rejects.toThrow(WaitEndedError);
    await expect(new Ledger({ keep: 'off', limit: 10 }).first(() => true, 0, 100, clock)).rejects.toThrow(
      'off',
    );
  });

  describe('with a file', () => {
    let directory: string;
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'smsc-ledger-'));
    });
    afterEach(() => {
      rmSync(directory, { recursive: true });
    });

    it.each([true, false])('has appended every entry when flushed (fsync %s)', (fsync) => {
      const file = join(directory, 'ledger.ndjson');
      for (let life = 0; life < 2; life += 1) {
        const ledger = new Ledger({ keep: { file, fsync }, limit: 2 });
        fill(ledger, 3);
        ledger.flush();
        const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
        expect(lines).toHaveLength(3 * (life + 1));
        expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ index: 2, at: AT, ...bound(2) });
        ledger.close();
      }
    });

    it('says which file it cannot open', () => {
      const file = join(directory, 'missing', 'ledger.ndjson');
      expect(() => new Ledger({ keep: { file, fsync: false }, limit: 1 })).toThrow(OptionInvalidError);
    });
  });
});
