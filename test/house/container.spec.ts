// What can be known of Dockerfile and docker-compose.yml without a container engine: they parse,
// they start programs that exist, and the service accepts the environment it is given.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { load } from 'js-yaml';
import { loadConfig } from '../../src/config/config.js';
import { readCommandLine } from '../../src/simulators/smsc/command-line.js';
import { VoiceSimulator } from '../../src/simulators/voice/voice-simulator.js';

interface ComposeService {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly ports?: readonly string[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const textOf = (name: string): string => readFileSync(join(root, name), 'utf8');

/** `dist/src/x.js` is built from `src/x.ts`. */
const sourceOf = (built: string): string => built.replace(/^dist\//, '').replace(/\.js$/, '.ts');

describe('docker-compose.yml', () => {
  const { services } = load(textOf('docker-compose.yml')) as {
    readonly services: Readonly<Record<string, ComposeService>>;
  };
  const serviceNamed = (name: string): ComposeService => {
    const service = services[name];
    if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
    return service;
  };
  const own = Object.entries(services).filter(([, { image }]) => image === 'surereach:local');

  it('gives the service an environment it accepts, every name of it known', () => {
    const config = loadConfig(serviceNamed('surereach').environment ?? {});

    expect(config.warnings).toEqual([]);
    expect(config.databaseUrl).not.toBeNull();
  });

  it('points the service at hosts that are services of this file', () => {
    const { environment = {} } = serviceNamed('surereach');
    const hosts = [
      new URL(environment['DATABASE_URL'] ?? '').hostname,
      environment['SMPP_HOST'],
      new URL(environment['VOICE_URL'] ?? '').hostname,
    ];

    expect(Object.keys(services)).toEqual(expect.arrayContaining(hosts));
  });

  it('starts each simulator where the service looks for it', () => {
    const { environment = {} } = serviceNamed('surereach');
    const [, , ...smsc] = serviceNamed('smsc-simulator').command ?? [];
    const [, , ...voice] = serviceNamed('voice-simulator').command ?? [];
    const voiceOptions = parseArgs({
      args: voice,
      options: { host: { type: 'string' }, port: { type: 'string' } },
    }).values;

    expect(readCommandLine(smsc)).toMatchObject({ host: '0.0.0.0', port: Number(environment['SMPP_PORT']) });
    expect(voiceOptions).toEqual({ host: '0.0.0.0', port: new URL(environment['VOICE_URL'] ?? '').port });
  });

  it('asks for calls at an address the voice simulator has', async () => {
    const { pathname } = new URL(serviceNamed('surereach').environment?.['VOICE_URL'] ?? '');
    const simulator = await VoiceSimulator.listen();
    try {
      const statusOf = async (path: string): Promise<number> =>
        (await fetch(`http://127.0.0.1:${String(simulator.port)}${path}/call`, { method: 'POST' })).status;

      expect(await statusOf('/elsewhere')).toBe(404);
      expect(await statusOf(pathname)).not.toBe(404);
    } finally {
      await simulator.close();
    }
  });

  it('has the voice simulator report to the service, by its secret', () => {
    const { environment = {} } = serviceNamed('surereach');
    const callback = serviceNamed('voice-simulator').environment?.['VOICE_SIMULATOR_CALLBACK_URL'];

    expect(callback).toBe(
      `http://surereach:3000/v1/voice/callbacks/${environment['VOICE_CALLBACK_SECRET'] ?? 'unset'}`,
    );
  });

  it.each(own.filter(([, { command }]) => command !== undefined))(
    'runs a program that exists as %s',
    (_, { command }) => {
      expect(command?.[0]).toBe('node');
      expect(existsSync(join(root, sourceOf(command?.[1] ?? '')))).toBe(true);
    },
  );

  it('waits only for services that are there, and for health only where there is a health check', () => {
    for (const { depends_on: needs = {} } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(needs)) {
        const { healthcheck } = serviceNamed(name);
        expect(condition === 'service_healthy' ? healthcheck?.test?.length : 'not awaited').toBeTruthy();
      }
    }
    expect(Object.keys(serviceNamed('surereach').depends_on ?? {})).toHaveLength(3);
  });

  it('publishes on this machine only', () => {
    const published = Object.values(services).flatMap(({ ports = [] }) => ports);

    expect(published).toEqual(['127.0.0.1:3000:3000']);
  });
});

describe('Dockerfile', () => {
  const lines = textOf('Dockerfile')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const runtime = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  const argumentsOf = (instruction: string): string[] =>
    runtime
      .filter((line) => line.startsWith(`${instruction} `))
      .map((line) => line.slice(instruction.length).trim());

  const healthcheck = (): readonly string[] => {
    const [check = ''] = argumentsOf('HEALTHCHECK');
    return JSON.parse(check.slice(check.indexOf('['))) as string[];
  };

  it('uses one Node for building and running, new enough for the service', () => {
    const images = lines.filter((line) => line.startsWith('FROM ')).map((line) => line.split(' ')[1]);

    expect(new Set(images)).toEqual(new Set(['node:20-bookworm-slim']));
    expect(textOf('package.json')).toContain('"node": ">=20.19.0"');
  });

  it('copies only what the repository has and .dockerignore lets through', () => {
    const letThrough = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(/\s+/).slice(1, -1))
      .map((path) => path.replace(/^\.\//, ''));

    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(copied.filter((path) => !letThrough.includes(path))).toEqual([]);
  });

  it('runs the service itself, as a user without rights over its code', () => {
    expect(argumentsOf('USER')).toEqual(['node']);
    expect(argumentsOf('CMD')).toEqual(['["node", "dist/src/main.js"]']);
    expect(argumentsOf('COPY').filter((line) => line.includes('--chown'))).toEqual([]);
  });

  it.each([
    { answer: 200, verdict: 0 },
    { answer: 503, verdict: 1 },
  ])('takes $answer from /health/live for $verdict', async ({ answer, verdict }) => {
    const asked: (string | undefined)[] = [];
    const server = createServer(({ url }, response) => {
      asked.push(url);
      response.writeHead(answer).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      expect(await verdictOf(healthcheck(), (server.address() as AddressInfo).port)).toBe(verdict);
      expect(asked).toEqual(['/health/live']);
    } finally {
      server.close();
    }
  });

  it('takes a service that does not listen for dead', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');

    expect(await verdictOf(healthcheck(), port)).toBe(1);
  });

  it('sets variables that the service knows', () => {
    const settings = argumentsOf('ENV')
      .flatMap((line) => line.split(/\s+/))
      .map((pair) => pair.split('=') as [string, string]);
    const config = loadConfig(Object.fromEntries(settings));

    expect(config.http).toEqual({ host: '0.0.0.0', port: 3000 });
    expect(config.dataDir).toBe('/var/lib/surereach');
  });
});

/** The exit code of the health check's own program, asked of a port of this machine. */
async function verdictOf([, ...args]: readonly string[], port: number): Promise<unknown> {
  const check = spawn(process.execPath, args, { env: { HTTP_PORT: String(port) }, stdio: 'ignore' });
  const [code] = (await once(check, 'exit')) as unknown[];
  return code;
}
