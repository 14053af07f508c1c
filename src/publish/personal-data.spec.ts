import { describe, expect, it } from '@jest/globals';
import { accept } from '../../test/support/message-commands.js';
import { live } from '../../test/support/message-lives.js';
import { SeededRandomness, VirtualClock } from '../clock/virtual-clock.js';
import type { RecordedEvent } from '../journal/journal.js';
import { MemoryJournal } from '../journal/memory/memory-journal.js';
import { JournaledLifecycle } from '../lifecycle/journaled-lifecycle.js';
import { messageIdOf, toMessageEvent } from '../lifecycle/message-stream.js';
import { maskedNumber } from '../message/msisdn.js';
import { lifecycleRecord, type PersonalData } from './lifecycle-record.js';

const TEXT = 'Dear Ms Ndlovu, your card ends in 4711.';

/** Lives of many messages, and one whose text can be found again. */
async function events(): Promise<readonly RecordedEvent[]> {
  const journal = new MemoryJournal();
  const lifecycle = new JournaledLifecycle(
    journal,
    new VirtualClock(),
    new SeededRandomness(1),
    () => undefined,
  );
  await live(
    lifecycle,
    Array.from({ length: 200 }, (_, index) => index + 1),
    new SeededRandomness(2),
  );
  await lifecycle.handleMany([accept(999, { text: TEXT })]);
  return journal.readAll(0n, 100_000);
}

function sent(event: RecordedEvent, personalData: PersonalData): string {
  const record = lifecycleRecord(event, toMessageEvent(event), messageIdOf(event.stream) ?? '', personalData);
  return record.value + JSON.stringify(record.headers) + record.key;
}

describe('what the feed tells by default', () => {
  it('holds no number, no text, and nothing that came over the wire word by word', async () => {
    const values = (await events()).map((event) => sent(event, 'masked'));
    const all = values.join('\n');
    expect(values.length).toBeGreaterThan(1_000);
    expect(all).toContain('"personal":{"to":"+27…67"}');
    for (const unwanted of [/\+?27831?\d{6}/, /"text"/, /"raw"/, /receiptId/, /Ndlovu/, /Another text/]) {
      expect(unwanted.exec(all)?.[0]).toBeUndefined();
    }
  });

  it('keeps the rest of a receipt', async () => {
    const delivered = (await events()).find(({ type }) => type === 'MessageDelivered');
    if (delivered === undefined) throw new Error('no message was delivered');
    const { data } = JSON.parse(
      lifecycleRecord(delivered, toMessageEvent(delivered), 'id', 'masked').value,
    ) as { data: object };
    const whole = (delivered.data as { receipt: object }).receipt;
    const receipt = Object.fromEntries(
      Object.entries(whole).filter(([name]) => name !== 'raw' && name !== 'receiptId'),
    );
    expect(data).toEqual({ ...delivered.data, receipt });
  });
});

describe('what it tells when told to', () => {
  it('is all that the journal holds', async () => {
    for (const event of await events()) {
      const record = lifecycleRecord(event, toMessageEvent(event), 'id', 'full');
      expect((JSON.parse(record.value) as { data: object }).data).toEqual(event.data);
    }
  });
});

describe('a masked number', () => {
  it.each([
    ['+27831234567', '+27…67'],
    ['+12025550123', '+1…23'],
    ['+254711082099', '+254…99'],
    ['12345', '…45'],
  ])('of %s is %s', (number, masked) => {
    expect(maskedNumber(number)).toBe(masked);
  });
});
