// The whole service over TLS and in SMPP 3.3, as the ESME of SMSCs that others have written. One
// service has a connector for every case.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ConnectorsFile } from '../support/connectors-file.js';
import { RunningService } from '../support/service.js';
import { certificateAuthority } from '../support/self-signed.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';
import { FarEnd } from './support/far-end.js';
import { SMS_ALONE } from './support/far-smsc-room.js';
import { overStacks } from './support/stacks.js';

/** The name beside localhost that the SMSC over TLS has a certificate for. */
const NAME = 'smsc.example.com';
/** What the routes go by. */
const SENDERS = { localhost: '20410', named: '20411', version33: '20412' };
const TO = '+254722000001';

interface ConnectorAnswer {
  readonly state: string;
  readonly reason: string;
}

overStacks('our ESME over TLS and in SMPP 3.3 at the SMSC of', ['jSMPP', 'cloudhopper-smpp'], (stack) => {
  let folder: string;
  let secured: FarEnd;
  let plain: FarEnd;
  let file: ConnectorsFile;
  let database: TestDatabase;
  let service: RunningService;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'surereach-tls-'));
    const trusted = certificateAuthority('Trusted');
    const caFile = join(folder, 'trusted.pem');
    const otherCaFile = join(folder, 'other.pem');
    await writeFile(caFile, trusted.cert);
    await writeFile(otherCaFile, certificateAuthority('Other').cert);
    for (const name of ['localhost', NAME]) {
      const { cert, key } = trusted.issue(name);
      await writeFile(join(folder, `${name}.crt`), cert);
      await writeFile(join(folder, `${name}.key`), key);
    }
    secured = await FarEnd.start(stack, 'smsc', folder);
    plain = await FarEnd.start(stack, 'smsc');
    await plain.order('ids33');
    await plain.order('receipts', { state: 'DELIVRD', tlvs: false });
    await secured.order('receipts', { state: 'DELIVRD', tlvs: true });

    const account = { systemId: 'surereach', password: 'secret' };
    const overTls = (host: string, tls: object): object => ({
      ...account,
      host: `${host}:${String(secured.port)}`,
      tls,
      // The SMSC sends a receipt to whichever of its sessions is the newest.
      group: 'secured',
    });
    const connectors = {
      localhost: overTls('localhost', { caFile }),
      named: overTls('127.0.0.1', { caFile, serverName: NAME }),
      distrusting: overTls('localhost', { caFile: otherCaFile }),
      misled: overTls('localhost', { caFile, serverName: 'elsewhere.example.com' }),
      'tls-to-plain': {
        ...account,
        host: `127.0.0.1:${String(plain.port)}`,
        tls: { caFile },
        // jSMPP does not answer what is no PDU.
        connectTimeoutSeconds: 1,
      },
      'plain-to-tls': { ...account, host: `127.0.0.1:${String(secured.port)}` },
      version33: {
        ...account,
        host: `127.0.0.1:${String(plain.port)}`,
        interfaceVersion: '3.3',
        bind: 'split',
        receipts: { submitIdBase: 'hex', receiptIdBase: 'decimal' },
      },
    };
    const routes = Object.entries(SENDERS).map(([name, from]) => ({ name, when: { from }, to: name }));
    file = await ConnectorsFile.create({ connectors, routes });
    database = await openTestDatabase();
    service = await RunningService.start({
      databaseUrl: database.url,
      env: { CONNECTORS_FILE: file.path },
    });
  });

  afterAll(async () => {
    await service.stop();
    await Promise.all([secured.stop(), plain.stop()]);
    await database.close();
    await file.remove();
    await rm(folder, { recursive: true });
  });

  async function connector(name: string, state: string): Promise<ConnectorAnswer> {
    return service.eventually<ConnectorAnswer>(
      `/v1/connectors/${name}`,
      `${name} ${state}`,
      (answer) => answer.state === state && !answer.reason.endsWith('started'),
    );
  }

  it.each(['localhost', 'named'] as const)(
    'sends over TLS to an SMSC whose certificate fits: %s',
    async (name) => {
      await connector(name, 'bound');
      const id = await service.send({ to: TO, from: SENDERS[name], text: 'Sealed.', ...SMS_ALONE });
      expect(await service.settled(id)).toMatchObject({ status: 'delivered', outcome: 'reached-by-sms' });
      const submits = secured.all('submit').filter(({ from }) => from === SENDERS[name]);
      expect(submits.map(({ hex }) => hex)).toEqual([Buffer.from('Sealed.').toString('hex')]);
    },
  );

  it.each([
    [
      'an SMSC of an authority it does not trust',
      'distrusting',
      /verify.*signed the certificate.*tls\.caFile/,
    ],
    ['an SMSC that has another name', 'misled', /elsewhere\.example\.com.*tls\.serverName/],
    ['a port without TLS', 'tls-to-plain', /connect-(failed|timeout)/],
  ])('sends no password to %s, and says why', async (_what, name, reason) => {
    expect((await connector(name, 'down')).reason).toMatch(reason);
    expect(service.output).toMatch(reason);
  });

  it('says that the port wants TLS when it was not told to speak it', async () => {
    expect((await connector('plain-to-tls', 'down')).reason).toMatch(/the port wants TLS/);
  });

  it('binds as transmitter and receiver of SMPP 3.3', async () => {
    await connector('version33', 'bound');
    const bound = await plain.toldTimes(2, 'bound', 'both binds');
    expect(bound.map(({ mode, version }) => [mode, version]).sort()).toEqual([
      ['bind_receiver', 0x33],
      ['bind_transmitter', 0x33],
    ]);
  });

  it('speaks without TLVs in SMPP 3.3, and knows a decimal receipt for the hexadecimal id of 8 digits', async () => {
    const text = 'A long notice, in the words of an older protocol. '.repeat(4);
    const id = await service.send({ to: TO, from: SENDERS.version33, text, ...SMS_ALONE });
    expect(await service.settled(id)).toMatchObject({ status: 'delivered', outcome: 'reached-by-sms' });
    const submits = plain.all('submit');
    expect(submits.map(({ tlvs, esmClass }) => [tlvs, esmClass])).toEqual([
      [0, 0x40],
      [0, 0x40],
    ]);
    const ids = submits.map((submit) => String(submit.id));
    for (const smscId of ids) expect(smscId).toMatch(/^[0-9A-F]{8}$/);
    const history = JSON.stringify(await service.events(id));
    for (const smscId of ids) expect(history).toContain(String(Number.parseInt(smscId, 16)));
  });

  // Behind all the others, which gave the refused connectors time to try.
  it('was heard by none of the SMSCs it refused', () => {
    expect(secured.all('bound')).toHaveLength(2);
    expect(secured.all('refused')).toEqual([]);
    expect(plain.all('bound')).toHaveLength(2);
  });
});
