// Runs the commands of the README as a reader would, and holds what they print against what the
// page shows. Two things are told of and not run here: RUN_ELSEWHERE says why.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { renderVariablesTable } from '../../src/config/variables-table.js';
import { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { VoiceSimulator } from '../../src/simulators/voice/voice-simulator.js';
import { type CommandBlock, looksLike, ReadmePage } from '../support/readme-page.js';
import type { MessageAnswer } from '../support/service.js';
import { living, run, StartedService } from '../support/terminal.js';
import { newRunFolder } from '../support/test-postgres.js';

/** `npm test` would run this file again; a bench takes minutes and has nothing that could fail. */
const RUN_ELSEWHERE = ['npm test', 'npm run bench'];

/** Of the slowest thing the page waits for: a file with calls that are repeated after 3 s. */
const SHOWN_WITHIN_MS = 40_000;
/** How often a command is repeated that shows a state. */
const ASK_AGAIN_MS = 100;
const START_MS = 120_000;

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const page = new ReadmePage();

describe('the README', () => {
  const executed = new Set<CommandBlock>();
  let dataDir: string;
  let port: number;
  let service: StartedService | undefined;
  let lastId = '';

  beforeAll(async () => {
    dataDir = await newRunFolder();
    port = await freePort();
  });

  afterAll(async () => {
    await service?.controlC();
  });

  it(
    'starts with npm start and says what the page shows',
    async () => {
      const { shown } = await startAs('Start');
      expect(shown).not.toBeNull();
      const greeting = service?.output.slice(service.output.indexOf('SureReach is ready')) ?? '';
      // What stands below it in the terminal is what the page tells next.
      expect(looksLike(greeting, `${shown ?? ''}…`.replace('.data', dataDir))).toBe(true);
    },
    START_MS,
  );

  it.each(['Send one message', 'Send a file', 'Watch a fallback'])(
    'shows what the commands of "%s" print',
    async (heading) => {
      for (const block of page.under(heading)) await execute(block);
    },
    2 * SHOWN_WITHIN_MS,
  );

  it('gives every message of the example file the outcome its digits say', async () => {
    const digits = page.table('Digit');
    const expected = contacts().map(({ to, channels }) => {
      const [, sms = ''] = digits[Number(to.at(-1))] ?? [];
      const [, , call = ''] = digits[Number(to.at(-2))] ?? [];
      if (sms.endsWith('delivered')) return [to, 'delivered', 'reached-by-sms'];
      const status = sms.startsWith('no receipt') ? 'submitted' : sms.replace('undeliverable', 'undelivered');
      const isCalled = channels === '' || channels.includes('voice');
      return [to, status, isCalled && call === 'answered' ? 'reached-by-voice' : 'not-reached'];
    });
    const { items } = await ask<{ items: MessageAnswer[] }>('/v1/messages?batch=contacts&limit=200');
    const found = items.map(({ to, status, outcome }) => [to, status, outcome]);
    expect(found.sort()).toEqual(expected.sort());
    expect(new Set(expected.map(([, , outcome]) => outcome)).size).toBe(3);
  });

  it('spoke the texts of the example file as they stand in it', async () => {
    const url = /Voice gateway .* its ledger at (\S+)/.exec(service?.output ?? '')?.[1] ?? '';
    const ledger = (await (await fetch(url)).json()) as { number: string; spokenText: string | null }[];
    const texts = new Map(contacts().map(({ to, text }) => [to, text]));
    const spoken = ledger.filter(({ number, spokenText }) => texts.has(number) && spokenText !== null);
    expect(spoken.length).toBeGreaterThan(5);
    expect(spoken.map(({ spokenText }) => spokenText)).toEqual(spoken.map(({ number }) => texts.get(number)));
  });

  it(
    'has everything again after kill -9 and another npm start',
    async () => {
      await service?.kill();
      const [start, ...looks] = page.under('Stop it, kill it');
      expect(start?.command).toBe('npm start');
      await startAs('Stop it, kill it');
      for (const look of looks) await execute(look);
    },
    START_MS,
  );

  it(
    'rebuilds a read model beside the running service',
    async () => {
      for (const block of page.under('Rebuild a read model')) await execute(block);
      expect(await ask('/v1/batches/contacts')).toMatchObject({ messages: 42 });
    },
    START_MS,
  );

  it('ends with Ctrl-C, and nothing it started is left', async () => {
    // PostgreSQL was started by the service that was killed: it is no child of this one.
    const postgres = Number.parseInt(readFileSync(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8'), 10);
    const started = [...(service?.processes ?? []), postgres];
    expect(living(started)).toEqual(started);
    // npm, a shell, the service, two simulators, PostgreSQL.
    expect(started.length).toBeGreaterThanOrEqual(6);
    await service?.controlC();
    expect(living(started)).toEqual([]);
  });

  it(
    'binds to the SMSC that the variables of the page name',
    async () => {
      const smsc = await SmscSimulator.listen({ accounts: [{ systemId: 'acme', password: 's3cret' }] });
      try {
        const block = blockWith('SMPP_HOST=');
        await start(block, [
          ['smsc.example.com', '127.0.0.1'],
          ['2775', String(smsc.port)],
        ]);
        expect(service?.output).toContain(`127.0.0.1:${String(smsc.port)} as acme`);
        const to = '+254722000200';
        await send(to);
        await smsc.entry((entry) => entry.kind === 'submit' && entry.destination === to.slice(1), 10_000);
      } finally {
        await service?.controlC();
        await smsc.close();
      }
    },
    START_MS,
  );

  it(
    'calls through the voice gateway that the variables of the page name, which reports where it says',
    async () => {
      const block = blockWith('VOICE_URL=');
      const secret = /VOICE_CALLBACK_SECRET=(\S+)/.exec(block.command)?.[1] ?? '';
      const path = /`https:\/\/<your address>(\/\S+)<VOICE_CALLBACK_SECRET>`/.exec(page.text)?.[1] ?? '';
      const callbackUrl = `http://127.0.0.1:${String(port)}${path}${secret}`;
      const voice = await VoiceSimulator.listen({
        settings: { callbackUrl, apiKey: 'atsk_0123456789', rule: 'tens-digit', ringDelayMs: 20 },
      });
      try {
        await start(block, [['https://voice.africastalking.com', voice.baseUrl]]);
        const id = await send('+254722000205');
        const message = await untilSettled(id);
        expect(message.outcome).toBe('reached-by-voice');
        expect(voice.ledger.calls.map(({ from, number }) => [from, number])).toEqual([
          ['+254711082000', '+254722000205'],
        ]);
      } finally {
        await service?.controlC();
        await voice.close();
      }
    },
    START_MS,
  );

  it('was run command by command, but for what is run elsewhere', () => {
    const left = page.blocks.filter((block) => !executed.has(block)).map(({ command }) => command);
    expect(left).toHaveLength(RUN_ELSEWHERE.length);
    for (const [index, command] of left.entries()) {
      expect(command.startsWith(RUN_ELSEWHERE[index] ?? '-')).toBe(true);
    }
  });

  it('lists every variable as the code knows it', () => {
    expect(page.text).toContain(`\n${renderVariablesTable()}`);
  });

  async function startAs(heading: string): Promise<CommandBlock> {
    const [block] = page.under(heading);
    if (block === undefined) throw new Error(`nothing to start under ${heading}`);
    await start(block);
    return block;
  }

  async function start(
    block: CommandBlock,
    replaced: readonly (readonly [string, string])[] = [],
  ): Promise<void> {
    const command = replaced.reduce((line, [from, to]) => line.replaceAll(from, to), block.command);
    service = await StartedService.start(command, environment());
    executed.add(block);
  }

  function environment(): Readonly<Record<string, string>> {
    return { HTTP_PORT: String(port), DATA_DIR: dataDir, DATABASE_URL: '' };
  }

  /** The command with what is different here: the port, the id of the last message, the ledger's address. */
  function asHere(command: string): string {
    const ledger = /Voice gateway .* its ledger at (\S+)/.exec(service?.output ?? '')?.[1] ?? '';
    return command
      .replaceAll('http://127.0.0.1:3000', `http://127.0.0.1:${String(port)}`)
      .replaceAll(/http:\/\/127\.0\.0\.1:\d+\/ledger/g, ledger)
      .replaceAll(UUID, lastId);
  }

  /** Runs it once, or, when it only shows a state, until that is the state shown. */
  async function execute(block: CommandBlock): Promise<void> {
    const { command, shown } = block;
    const isLook = /^(id=.*\n)?curl /.test(command) && !/ (-d|--data-binary) /.test(command);
    const deadline = performance.now() + (isLook ? SHOWN_WITHIN_MS : 0);
    for (;;) {
      const { code, stdout, stderr } = await run(asHere(command), environment());
      if (code !== 0) throw new Error(`${command}\nended with ${String(code)}: ${stdout}${stderr}`);
      lastId = /^\{"id":"([0-9a-f-]{36})","status":"accepted"\}$/.exec(stdout)?.[1] ?? lastId;
      // npm tells which script it runs before the script says anything.
      const output = stdout.replace(/^(\n?> .*\n)+\n*/gm, '');
      if (shown === null || looksLike(output, shown)) break;
      if (performance.now() > deadline)
        throw new Error(`${command}\nprinted\n${output}\nand the page shows\n${shown}`);
      await delay(ASK_AGAIN_MS);
    }
    executed.add(block);
  }

  async function ask<Answer>(path: string): Promise<Answer> {
    return (await (await fetch(`http://127.0.0.1:${String(port)}${path}`)).json()) as Answer;
  }

  async function send(to: string): Promise<string> {
    const { stdout } = await run(
      `curl -s http://127.0.0.1:${String(port)}/v1/messages -H 'content-type: application/json' -d '${JSON.stringify({ to, from: '20414', text: 'Hello.' })}'`,
    );
    return (JSON.parse(stdout) as { id: string }).id;
  }

  async function untilSettled(id: string): Promise<MessageAnswer> {
    const deadline = performance.now() + SHOWN_WITHIN_MS;
    for (;;) {
      const message = await ask<MessageAnswer>(`/v1/messages/${id}`);
      if (message.outcome !== 'pending') return message;
      if (performance.now() > deadline) throw new Error(`no outcome: ${JSON.stringify(message)}`);
      await delay(ASK_AGAIN_MS);
    }
  }
});

function blockWith(variable: string): CommandBlock {
  const block = page.blocks.find(({ command }) => command.startsWith(variable));
  if (block === undefined) throw new Error(`the README has no command that begins with ${variable}`);
  return block;
}

function contacts(): readonly { readonly to: string; readonly text: string; readonly channels: string }[] {
  const file = fileURLToPath(new URL('../../examples/contacts.csv', import.meta.url));
  return parse(readFileSync(file, 'utf8'), { columns: true });
}

/** Free when asked; the service is told so and not `0`, because it is started again on the same one. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return address.port;
}
