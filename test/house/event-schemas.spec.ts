// What consumers of the feed were promised: one schema and one example for every event, and nothing sent
// that does not keep to them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { SeededRandomness, VirtualClock } from '../../src/clock/virtual-clock.js';
import { MemoryJournal } from '../../src/journal/memory/memory-journal.js';
import { JournaledLifecycle } from '../../src/lifecycle/journaled-lifecycle.js';
import { messageIdOf, toMessageEvent } from '../../src/lifecycle/message-stream.js';
import type { MessageEventType } from '../../src/message/message.events.js';
import { lifecycleRecord, type PersonalData } from '../../src/publish/lifecycle-record.js';
import { EVENT_SCHEMAS, jsonSchemaOf, PUBLISHED } from '../support/event-schemas.js';
import { live } from '../support/message-lives.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'docs/schemas/events');
const page = readFileSync(join(root, 'docs/EVENTS.md'), 'utf8');

type Json = Parameters<typeof z.fromJSONSchema>[0];

const read = new Map<MessageEventType, z.ZodType>();

/** As a consumer would: from the file. */
function publishedSchema(type: MessageEventType): z.ZodType {
  const schema =
    read.get(type) ??
    z.fromJSONSchema(JSON.parse(readFileSync(join(folder, `${type}.v1.json`), 'utf8')) as Json);
  read.set(type, schema);
  return schema;
}

function problemsOf(type: MessageEventType, event: unknown): string {
  const strict = EVENT_SCHEMAS.get(type)?.safeParse(event);
  const published = publishedSchema(type).safeParse(event);
  return [strict?.error, published.error]
    .filter((error) => error !== undefined)
    .map((error) => `${type}: ${z.prettifyError(error)}`)
    .join('\n');
}

/** The part of the page about one event. */
function sectionOf(type: MessageEventType): string {
  const [, section = ''] = page.split(`\n### ${type}\n`);
  return section.split(/\n##+ /)[0] ?? '';
}

async function lives(personalData: PersonalData): Promise<ReadonlyMap<MessageEventType, readonly unknown[]>> {
  const journal = new MemoryJournal();
  const lifecycle = new JournaledLifecycle(
    journal,
    new VirtualClock(),
    new SeededRandomness(7),
    () => undefined,
  );
  const numbers = Array.from({ length: 400 }, (_, index) => index + 1);
  await live(lifecycle, numbers, new SeededRandomness(8));
  const sent = new Map<MessageEventType, unknown[]>();
  for (const recorded of await journal.readAll(0n, 100_000)) {
    const event = toMessageEvent(recorded);
    const { value } = lifecycleRecord(recorded, event, messageIdOf(recorded.stream) ?? '', personalData);
    sent.set(event.type, [...(sent.get(event.type) ?? []), JSON.parse(value)]);
  }
  return sent;
}

describe('docs/schemas/events', () => {
  it('holds the schema of every event, and of nothing else', () => {
    expect(readdirSync(folder).sort()).toEqual(PUBLISHED.map((type) => `${type}.v1.json`).sort());
  });

  it.each(PUBLISHED)('says of %s what npm run event-schemas writes', (type) => {
    expect(readFileSync(join(folder, `${type}.v1.json`), 'utf8')).toBe(jsonSchemaOf(type));
  });

  it.each(['masked', 'full'] as const)('is what is sent, with personal data %s', async (personalData) => {
    const sent = await lives(personalData);
    // What no life leads to: it needs somebody who asks for it, or a list that is not there yet.
    const unseen = PUBLISHED.filter((type) => !sent.has(type));
    expect(unseen.length).toBeLessThan(8);
    const problems = [...sent].flatMap(([type, events]) => events.map((event) => problemsOf(type, event)));
    expect(problems.filter((problem) => problem !== '')).toEqual([]);
    expect(problems.length).toBeGreaterThan(2_000);
  });

  it('refuses what no consumer was told of', async () => {
    const [event] = (await lives('masked')).get('MessageDelivered') ?? [];
    const { data } = event as { data: object };
    const more = { ...(event as object), data: { ...data, text: 'Your card was used.' } };
    expect(problemsOf('MessageDelivered', more)).toContain('text');
    expect(problemsOf('MessageDelivered', { ...(event as object), data: {} })).toContain('receipt');
  });
});

describe('docs/EVENTS.md', () => {
  it('has a part for every event, and for no other', () => {
    const headings = [...page.matchAll(/^### (\w+)$/gm)].map(([, type = '']) => type);
    expect(headings.sort()).toEqual([...PUBLISHED].sort());
  });

  it.each(PUBLISHED)('shows a %s as it is sent', (type) => {
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(sectionOf(type)) ?? [];
    expect(problemsOf(type, JSON.parse(example))).toBe('');
    // Examples are of the default: nothing private.
    expect(example).not.toMatch(/"(text|raw|receiptId)"|\+\d{5}/);
  });
});
