// Who we are and whom we trust, as the connection string says it.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import grpc from '@grpc/grpc-js';
import { SystemClock } from '../../src/clock/system-clock.js';
import { EventStoreJournal } from '../../src/journal/eventstoredb/eventstore-journal.js';
import { JournalUnavailableError } from '../../src/journal/journal.errors.js';
import { NO_STREAM } from '../../src/journal/journal.js';
import { EventStoreNode } from '../support/eventstore/eventstore-node.js';
import { eventNamed } from '../support/journal-events.js';
import { type SelfSigned, selfSigned } from '../support/self-signed.js';
import { newRunFolder } from '../support/test-postgres.js';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (let close = opened.pop(); close !== undefined; close = opened.pop()) await close();
});

async function nodeOf(server: SelfSigned, clients: SelfSigned | null): Promise<EventStoreNode> {
  const pair = { cert_chain: Buffer.from(server.cert), private_key: Buffer.from(server.key) };
  const trusted = clients === null ? null : Buffer.from(clients.cert);
  const tls = grpc.ServerCredentials.createSsl(trusted, [pair], clients !== null);
  const node = await EventStoreNode.start({ tls });
  opened.push(() => {
    node.stop();
  });
  return node;
}

function journalAt(url: string): EventStoreJournal {
  const tuning = { tryTimeoutMs: 1_000, patienceMs: 1_000 };
  const journal = new EventStoreJournal({ url, clock: new SystemClock(), tuning });
  opened.push(() => journal.close());
  return journal;
}

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(await newRunFolder(), name);
  await writeFile(path, text);
  return path;
}

const first = { stream: 'safe', expectedRevision: NO_STREAM, events: [eventNamed('safe')] };

test('over TLS the user goes with every call, and nothing of it is printed', async () => {
  const printed = jest.spyOn(process.stderr, 'write');
  const server = selfSigned();
  const node = await nodeOf(server, null);
  const authority = await fileOf('ca.pem', server.cert);
  const url = `esdb://operator:hunter2@127.0.0.1:${String(node.port)}?tlsCAFile=${authority}`;
  const journal = journalAt(url);
  expect(await journal.append([first])).toMatchObject([{ status: 'appended' }]);
  expect(await journal.readStream('safe')).toHaveLength(1);
  const basic = `Basic ${Buffer.from('operator:hunter2').toString('base64')}`;
  expect(node.headers.map((header) => header.get('authorization'))).toEqual([[basic], [basic]]);
  expect(printed.mock.calls.map(([text]) => String(text)).join('')).not.toContain('hunter2');
  printed.mockRestore();
});

test('an authority that we were not told of is not trusted', async () => {
  const node = await nodeOf(selfSigned(), null);
  const journal = journalAt(`esdb://127.0.0.1:${String(node.port)}`);
  await expect(journal.append([first])).rejects.toThrow(JournalUnavailableError);
  expect(node.headers).toEqual([]);
});

test('a user certificate goes with the connection, without any password', async () => {
  const server = selfSigned();
  const user = selfSigned('operator');
  const node = await nodeOf(server, user);
  const files = {
    tlsCAFile: await fileOf('ca.pem', server.cert),
    userCertFile: await fileOf('user.pem', user.cert),
    userKeyFile: await fileOf('user.key', user.key),
  };
  const url = `esdb://127.0.0.1:${String(node.port)}?${new URLSearchParams(files).toString()}`;
  expect(await journalAt(url).append([first])).toMatchObject([{ status: 'appended' }]);
  expect(node.headers.map((header) => header.get('authorization'))).toEqual([[]]);
  const stranger = journalAt(`esdb://127.0.0.1:${String(node.port)}?tlsCAFile=${files.tlsCAFile}`);
  await expect(stranger.append([first])).rejects.toThrow();
  expect(node.headers).toHaveLength(1);
});
