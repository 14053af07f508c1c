import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UploadReportAnswer } from '../../src/intake/intake.openapi.js';
import { BEGINNING } from '../../src/journal/journal.js';
import type { MessageAccepted } from '../../src/message/message.events.js';
import { type HttpApp, startHttpApp } from '../support/http-app.js';
import { openUpload } from '../support/http-upload.js';

let app: HttpApp;
beforeAll(async () => {
  app = await startHttpApp({ DEFAULT_FROM: 'SureReach' });
});
afterAll(async () => {
  await app.close();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function upload(
  rows: string | Buffer,
  { type = 'application/x-ndjson', query = '' } = {},
): Promise<Answer> {
  const response = await fetch(`${app.url}/v1/messages/bulk${query}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: rows,
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function messagesOf(batch: string): Promise<readonly MessageAccepted[]> {
  const events = await app.journal.readAll(BEGINNING, 1_000_000);
  return events
    .filter(({ type }) => type === 'MessageAccepted')
    .map(({ data }) => data as MessageAccepted)
    .filter((data) => data.batch === batch);
}

async function uploadEvents(batch: string): Promise<unknown[]> {
  return (await app.journal.readStream(`batch-${batch}`)).map(({ type, data }) => ({ type, ...data }));
}

/** The events of an upload, as soon as there are `count`. */
function uploadHas(batch: string, count: number): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const stop = app.journal.onAppended(() => void look());
    const deadline = setTimeout(() => {
      stop();
      reject(new Error(`upload ${batch} did not come to ${String(count)} events`));
    }, 10_000);
    const look = async (): Promise<void> => {
      const events = await uploadEvents(batch);
      if (events.length < count) return;
      clearTimeout(deadline);
      stop();
      resolve(events);
    };
    void look();
  });
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Buffers are freed beside the main thread and counted off a turn later. */
async function heldOctets(): Promise<number> {
  for (let turn = 0; turn < 2; turn++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().arrayBuffers;
}

function row(n: number, extra: object = {}): string {
  return JSON.stringify({
    to: `+2547110${String(n % 100_000).padStart(5, '0')}`,
    text: `Notice ${String(n)}`,
    ...extra,
  });
}

describe('POST /v1/messages/bulk', () => {
  it('accepts NDJSON, answers for every row and records the upload', async () => {
    const rows = [row(1), '', row(2, { nonsense: 1 }), row(3, { to: 'nobody' }), '{"to":', row(4)];
    const { status, body } = await upload(rows.join('\r\n'), { query: '?batch=b1' });
    expect(status).toBe(202);
    expect(UploadReportAnswer.strict().parse(body)).toEqual({
      batch: 'b1',
      rows: 5,
      accepted: 2,
      rejected: 3,
      errors: [
        { line: 3, field: 'nonsense', problem: 'is not a known field: remove it' },
        { line: 4, field: 'to', problem: expect.any(String) },
        { line: 5, field: null, problem: expect.stringContaining('is not valid JSON') },
      ],
      errorsTruncated: false,
    });
    expect((await messagesOf('b1')).map(({ personal }) => personal.text)).toEqual(['Notice 1', 'Notice 4']);
    expect(await uploadEvents('b1')).toEqual([
      { type: 'BatchUploadStarted', batch: 'b1', contentType: 'application/x-ndjson' },
      {
        type: 'BatchUploadEnded',
        state: 'complete',
        reason: null,
        rows: 5,
        accepted: 2,
        rejected: 3,
        lastLine: 6,
      },
    ]);
  });

  it('accepts how the texts are written, from a row, a cell or the query', async () => {
    const rows = [
      row(1, { text: 'ş'.repeat(155) }),
      row(2, { text: '“Hi”', flash: false, encoding: 'ucs2' }),
    ];
    const query = '?batch=b-format&transliterate=true&nationalLanguages=tr,es&flash=true';
    expect(await upload(rows.join('\n'), { query })).toMatchObject({ status: 202, body: { accepted: 2 } });
    const csv =
      'to,text,encoding,dataCoding\n+254711000003,Hi,,8\n+254711000004,Hi,gsm7,\n+254711000005,ж,gsm7,';
    expect(await upload(csv, { type: 'text/csv', query: '?batch=b-format-csv' })).toMatchObject({
      status: 202,
      body: { accepted: 2, errors: [{ line: 4, field: 'text' }] },
    });
    expect(await messagesOf('b-format')).toMatchObject([
      { encoding: 'gsm7', partCount: 1, format: { flash: true, nationalTables: { locking: 'tr' } } },
      { encoding: 'ucs2', personal: { text: '“Hi”' } },
    ]);
    expect(await messagesOf('b-format-csv')).toMatchObject([
      { encoding: 'ucs2', format: { dataCoding: 8 } },
      { encoding: 'gsm7' },
    ]);
  });

  it('accepts CSV with a byte order mark, CRLF, quoted cells and line ends inside them', async () => {
    const csv =
      '\uFEFFto,text,reference\r\n+254711000001,"Dear ""A"",\r\nsee you",r1\r\n+254711000002,Hi,\r\n';
    const { status, body } = await upload(csv, {
      type: 'text/csv; charset=utf-8',
      query: '?batch=b2&from=Shop&priority=low',
    });
    expect([status, body['accepted']]).toEqual([202, 2]);
    expect(await messagesOf('b2')).toMatchObject([
      { from: 'Shop', priority: 'low', reference: 'r1', personal: { text: 'Dear "A",\r\nsee you' } },
      { from: 'Shop', priority: 'low', reference: null, personal: { to: '+254711000002', text: 'Hi' } },
    ]);
  });

  it('sends one text to many numbers', async () => {
    const { body } = await upload('to\n+254711000001\n+254711000002\n', {
      type: 'text/csv',
      query: '?text=Water%20is%20back',
    });
    expect(body).toMatchObject({ rows: 2, accepted: 2, rejected: 0 });
    const messages = await messagesOf(String(body['batch']));
    expect(messages.map(({ personal }) => personal.text)).toEqual(['Water is back', 'Water is back']);
  });

  it.each<[string, string | Buffer, string, string, number, RegExp]>([
    ['an empty upload', '', 'application/x-ndjson', '', 400, /no rows|is empty/],
    ['blank lines only', '\n\n', 'application/x-ndjson', '', 400, /no rows/],
    ['a CSV header alone', 'to,text\n', 'text/csv', '', 400, /no rows/],
    ['an unknown column', 'to,text,colour\n', 'text/csv', '', 400, /colour is not a known column/],
    ['a header without text', 'to\n+254711000001\n', 'text/csv', '', 400, /text is missing/],
    [
      'an unknown query field',
      row(1),
      'application/x-ndjson',
      '?colour=red',
      400,
      /colour is not a known field/,
    ],
    ['a wrong default', row(1), 'application/x-ndjson', '?priority=urgent', 400, /priority must be one of/],
    ['JSON', '{"messages":[]}', 'application/json', '', 415, /send application\/x-ndjson or text\/csv/],
    ['another content type', 'x', 'application/xml', '', 415, /./],
  ])('takes nothing of %s', async (_what, rows, type, query, status, detail) => {
    const before = await app.journal.head();
    const answer = await upload(rows, { type, query });
    expect([answer.status, answer.body['status']]).toEqual([status, status]);
    expect(String(answer.body['detail'])).toMatch(detail);
    expect(await app.journal.head()).toBe(before);
  });

  it('refuses a name that is taken, before a row is accepted', async () => {
    await upload(row(1), { query: '?batch=b3' });
    const { status, body } = await upload(row(2), { query: '?batch=b3' });
    expect([status, body['type']]).toEqual([409, 'urn:surereach:problem:batch-name-taken']);
    expect(body['detail']).toContain('choose another name than b3');
    expect(await messagesOf('b3')).toHaveLength(1);
  });

  it('lists the first 1,000 problems and counts all', async () => {
    const { body } = await upload(`${'nonsense\n'.repeat(1500)}${row(1)}`);
    expect(body).toMatchObject({ rows: 1501, accepted: 1, rejected: 1500, errorsTruncated: true });
    expect(body['errors']).toHaveLength(1000);
  });

  it('marks rows that are no UTF-8 and goes on', async () => {
    const rows = Buffer.concat([
      Buffer.from('to,text\n+254711000001,caf'),
      Buffer.from([0xe9]),
      Buffer.from('\n+254711000002,ok\n'),
    ]);
    expect((await upload(rows, { type: 'text/csv' })).body).toMatchObject({
      accepted: 1,
      errors: [{ line: 2, field: 'text', problem: expect.stringContaining('UTF-8') }],
    });
  });

  it('takes 20,000 rows in chunks, never more than three under way', async () => {
    app.lifecycle.sizes.length = 0;
    app.lifecycle.mostUnderWay = 0;
    const { body } = await upload(Array.from({ length: 20_000 }, (_, n) => row(n)).join('\n'), {
      query: '?batch=b4',
    });
    expect(body).toMatchObject({ rows: 20_000, accepted: 20_000, rejected: 0 });
    expect(Math.max(...app.lifecycle.sizes)).toBe(250);
    expect(app.lifecycle.mostUnderWay).toBeLessThanOrEqual(3);
    expect(new Set((await messagesOf('b4')).map(({ messageId }) => messageId)).size).toBe(20_000);
  });

  it('refuses compressed rows', async () => {
    const response = await fetch(`${app.url}/v1/messages/bulk`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', 'content-encoding': 'gzip' },
      body: 'to,text\n',
    });
    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([
      415,
      'send the rows uncompressed, not as gzip',
    ]);
  });

  it('refuses the seventeenth upload at a time, and takes it when one has ended', async () => {
    const { release } = app.lifecycle.hold();
    const held = Array.from({ length: 16 }, (_, n) => upload(row(n)));
    try {
      await app.lifecycle.reach(16);
      expect((await upload(row(17))).status).toBe(429);
    } finally {
      release();
    }
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual(
      Array.from({ length: 16 }, () => 202),
    );
    expect((await upload(row(17))).status).toBe(202);
  });

  it('answers 500 with the counts when taking rows fails for a reason of ours, and records the end', async () => {
    app.lifecycle.fail(1, new TypeError('secret detail'));
    const { status, body } = await upload([row(1), 'nonsense', row(2)].join('\n'), { query: '?batch=b7' });
    expect(status).toBe(500);
    expect(body).toMatchObject({
      batch: 'b7',
      rows: 3,
      accepted: 0,
      rejected: 1,
      undecided: [{ from: 1, to: 3 }],
    });
    expect(JSON.stringify(body)).not.toContain('secret detail');
    expect(await uploadEvents('b7')).toMatchObject([
      {},
      { type: 'BatchUploadEnded', state: 'refused', accepted: 0 },
    ]);
  });

  it('answers 503 and takes nothing when the store cannot record that an upload begins', async () => {
    const other = await startHttpApp({ DEFAULT_FROM: 'SureReach' });
    try {
      await other.journal.close();
      const response = await fetch(`${other.url}/v1/messages/bulk`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: row(1),
      });
      expect([response.status, Number(response.headers.get('retry-after')) > 0]).toEqual([503, true]);
      expect(other.lifecycle.sizes).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('keeps what came whole of an upload that is cut, and records that it was', async () => {
    const sent = await openUpload(app.port, '/v1/messages/bulk?batch=b5', 'application/x-ndjson');
    await sent.chunk(`${row(1)}\n${row(2)}\n{"to":"+25471100`);
    // Begun means that the rows before the cut have been read.
    await uploadHas('b5', 1);
    sent.cut();
    const [, end] = await uploadHas('b5', 2);
    expect(end).toMatchObject({ state: 'cut', rows: 2, accepted: 2, rejected: 0, lastLine: 2 });
    expect(await messagesOf('b5')).toHaveLength(2);
  });

  it('ends at a line of 100 MB, names it, and reports the rows before it', async () => {
    const before = await heldOctets();
    const sent = await openUpload(app.port, '/v1/messages/bulk?batch=b6', 'text/csv');
    await sent.chunk('to,text\n+254711000001,one\n+254711000002,two\n+254711000003,');
    const mebibyte = Buffer.alloc(1024 * 1024, 'x');
    let most = 0;
    for (let i = 1; i <= 100; i++) {
      await sent.chunk(mebibyte);
      if (i % 25 === 0) most = Math.max(most, (await heldOctets()) - before);
    }
    const { status, body } = await sent.end();
    sent.cut();
    expect(status).toBe(413);
    expect(body).toMatchObject({
      type: 'urn:surereach:problem:line-too-long',
      line: 4,
      rows: 2,
      accepted: 2,
      lastLine: 3,
    });
    // What is left are the buffers of the sockets, ours and the sender's.
    expect(most).toBeLessThan(8 * 1024 * 1024);
    expect(await uploadEvents('b6')).toMatchObject([
      {},
      { type: 'BatchUploadEnded', state: 'refused', accepted: 2, lastLine: 3 },
    ]);
  });

  it('ends at a quoted cell that is never closed, and names the line it began on', async () => {
    const { status, body } = await upload(
      `to,text\n+254711000001,ok\n+254711000002,"open\n${'text\n'.repeat(20_000)}`,
      {
        type: 'text/csv',
      },
    );
    expect([status, body['line'], body['accepted']]).toEqual([413, 3, 1]);
  });
});
