import { describe, expect, it } from '@jest/globals';
import { ConnectorsFileError } from '../smpp.errors.js';
import type { ConnectorSet } from './connector-settings.js';
import { readConnectorsFile } from './connectors-file.js';

const PATH = 'connectors.yaml';

function read(
  text: string,
  environment: Record<string, string> = {},
  files: Record<string, string> = {},
): ConnectorSet {
  const texts: Record<string, string | undefined> = { ...files, [PATH]: text };
  const inbound = { country: null, partsTimeoutSeconds: 3600, repeatSeconds: 60 };
  return readConnectorsFile(PATH, inbound, {
    environment,
    readText: (path) => {
      const found = texts[path];
      if (found === undefined) throw new Error(`ENOENT: no such file, open '${path}'`);
      return found;
    },
  });
}

function faultsOf(text: string): readonly string[] {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ConnectorsFileError) return error.faults;
    throw error;
  }
  throw new Error('the file was taken');
}

const LEAST = `
connectors:
  one:
    host: smsc.example.com
    systemId: acme
`;

describe('a file of connectors', () => {
  it('says what each connector submits and refuses with, and what its SMSC may be asked', () => {
    const { connectors } = read(`${LEAST.trimEnd()}
    submitWith: data_sm
    query: { afterSeconds: 300, everySeconds: 60, max: 3, perSecond: 2.5 }
    replace: transmitter
    tryLaterWith: ESME_RMSGQFUL
  two: { host: smsc.example.com, systemId: acme, query: { afterSeconds: 60 } }
  three: { host: smsc.example.com, systemId: acme }
`);
    expect(connectors.map(({ connector }) => connector)).toMatchObject([
      {
        submitWith: 'data_sm',
        query: { afterSeconds: 300, everySeconds: 60, backoffFactor: 2, maxQueries: 3, perSecond: 2.5 },
        replace: 'transmitter',
        tryLaterWith: 'ESME_RMSGQFUL',
      },
      {
        submitWith: 'submit_sm',
        query: { afterSeconds: 60, everySeconds: 300, backoffFactor: 2, maxQueries: 5, perSecond: 10 },
        replace: 'never',
      },
      { submitWith: 'submit_sm', query: null, replace: 'never', tryLaterWith: 'ESME_RSYSERR' },
    ]);
  });

  it.each([
    ['submitWith: submit_multi', 'connectors.one.submitWith'],
    ['query: { everySeconds: 60 }', 'connectors.one.query.afterSeconds'],
    ['query: { afterSeconds: 60, max: 0 }', 'connectors.one.query.max'],
    ['replace: sometimes', 'connectors.one.replace'],
    ['tryLaterWith: ESME_RX_T_APPN', 'connectors.one.tryLaterWith'],
    ['submitWith: data_sm\n    submit: { validityPeriod: absolute }', 'validityPeriod is absolute'],
    ['submitWith: data_sm\n    submit: { replaceIfPresent: true }', 'replaceIfPresent is true'],
    ['submitWith: data_sm\n    interfaceVersion: 3.3', 'submitWith must be submit_sm'],
    ['interfaceVersion: 3.3\n    submit: { longForm: sar }', 'longForm is sar'],
    ['interfaceVersion: 3.3\n    submit: { longForm: payload }', 'longForm is payload'],
    ['interfaceVersion: 3.3\n    submit: { tlvs: [{ tag: 0x1400, octet: 1 }] }', 'tlvs is a list of 1'],
  ])('is refused with %s', (line, fault) => {
    expect(faultsOf(`${LEAST}    ${line}\n`).join()).toContain(fault);
  });

  it('needs no more than a host and a system_id', () => {
    const { connectors, routes } = read(LEAST);
    expect(routes).toEqual([]);
    expect(connectors).toMatchObject([
      {
        connector: {
          name: 'one',
          hosts: [{ host: 'smsc.example.com', port: 2775 }],
          systemId: 'acme',
          password: '',
          bind: 'transceiver',
          bindCount: 1,
          tls: false,
          windowSize: 100,
          submitsPerSecond: null,
          responseTimeoutMs: 60_000,
          enquireLinkIntervalMs: 30_000,
          interfaceVersion: 0x34,
        },
        inDoubtPolicy: { then: 'hold' },
      },
    ]);
  });

  it('says everything about a connector', () => {
    const { connectors } = read(
      `
connectors:
  kenya-1:
    hosts: [smsc1.example.com:3550, "[2001:db8::1]:2776", 192.0.2.7]
    tls: {caFile: ca.pem, certFile: us.pem, keyFile: us.key, serverName: smsc.example.com}
    systemId: acme
    password: {env: KENYA_PASSWORD}
    systemType: VMA
    interfaceVersion: 5.0
    bind: split
    binds: 2
    bindTon: international
    bindNpi: isdn
    addressRange: "^2547"
    windowSize: 10
    submitsPerSecond: 12.5
    responseTimeoutSeconds: 30
    enquireLinkSeconds: 15
    connectTimeoutSeconds: 5
    bindTimeoutSeconds: 7
    inactivityTimeoutSeconds: 300
    partialPduTimeoutSeconds: 3
    maxPduOctets: 20000
    rebind: {firstSeconds: 2, maxSeconds: 60, refusedFirstSeconds: 120, refusedMaxSeconds: 1800, stableSeconds: 20}
    inDoubt: resubmit
`,
      { KENYA_PASSWORD: 's3cret' },
      { 'ca.pem': 'CA', 'us.pem': 'CERT', 'us.key': 'KEY' },
    );
    expect(connectors[0]).toMatchObject({
      inDoubtPolicy: { then: 'resubmit', afterSeconds: 60, quarantineAfter: 3 },
      connector: {
        name: 'kenya-1',
        hosts: [
          { host: 'smsc1.example.com', port: 3550 },
          { host: '2001:db8::1', port: 2776 },
          { host: '192.0.2.7', port: 2775 },
        ],
        tls: { ca: 'CA', cert: 'CERT', key: 'KEY', servername: 'smsc.example.com', rejectUnauthorized: true },
        password: 's3cret',
        interfaceVersion: 0x50,
        bind: 'split',
        bindCount: 2,
        bindTon: 1,
        bindNpi: 1,
        addressRange: '^2547',
        windowSize: 10,
        submitsPerSecond: 12.5,
        responseTimeoutMs: 30_000,
        enquireLinkIntervalMs: 15_000,
        connectTimeoutMs: 5_000,
        bindTimeoutMs: 7_000,
        inactivityTimeoutMs: 300_000,
        partialPduTimeoutMs: 3_000,
        maxPduOctets: 20_000,
        rebind: {
          firstMs: 2_000,
          maxMs: 60_000,
          refusedFirstMs: 120_000,
          refusedMaxMs: 1_800_000,
          stableMs: 20_000,
        },
      },
    });
  });

  it('takes a password from a file, without the line end an editor leaves there', () => {
    const { connectors } = read(
      `${LEAST}    password: {file: password.txt}\n`,
      {},
      { 'password.txt': 's3cret\n' },
    );
    expect(connectors[0]?.connector.password).toBe('s3cret');
  });

  it('may be JSON', () => {
    const json = JSON.stringify({
      connectors: { one: { host: 'h:1', systemId: 'a', interfaceVersion: '3.3' } },
    });
    expect(read(json).connectors[0]?.connector).toMatchObject({
      hosts: [{ host: 'h', port: 1 }],
      interfaceVersion: 0x33,
    });
  });

  it('says the routes, with one value where a list would be long', () => {
    const { routes } = read(`${LEAST}
  two: {host: other.example.com, systemId: acme}
routes:
  - name: codes
    when: {class: otp, country: [KE, UG], prefix: 254, from: "20414"}
    to: [two, one]
  - name: the rest
    to: [{connector: one, weight: 3}, two]
    strategy: weighted
`);
    expect(routes).toEqual([
      {
        name: 'codes',
        when: { class: ['otp'], country: ['KE', 'UG'], prefix: ['254'], from: ['20414'] },
        to: [
          { connector: 'two', weight: 1 },
          { connector: 'one', weight: 1 },
        ],
        strategy: 'failover',
      },
      {
        name: 'the rest',
        when: {},
        to: [
          { connector: 'one', weight: 3 },
          { connector: 'two', weight: 1 },
        ],
        strategy: 'weighted',
      },
    ]);
  });
});

describe('a file that cannot be used', () => {
  it.each([
    ['no connector', 'connectors: {}', /connectors must name at least one connector/],
    ['nothing at all', '', /body must be a JSON object/],
    ['an unknown setting', `${LEAST}    windowsize: 3\n`, /connectors\.one\.windowsize is not a known field/],
    ['a window of 0', `${LEAST}    windowSize: 0\n`, /connectors\.one\.windowSize must be at least 1: 0/],
    ['two ways to name hosts', `${LEAST}    hosts: [a]\n`, /connectors\.one\.host must be given, either/],
    [
      'a port out of range',
      LEAST.replace('.com', '.com:70000'),
      /connectors\.one\.host must be host, host:port/,
    ],
    ['a name with spaces', 'connectors: {"a b": {host: h, systemId: s}}', /must be a name of 1 to 40/],
    [
      'a password that no PDU carries',
      `${LEAST}    password: pässword\n`,
      /connectors\.one: password must be printable ASCII/,
    ],
    [
      'a variable that is not set',
      `${LEAST}    password: {env: NOWHERE}\n`,
      /the variable NOWHERE is not set/,
    ],
    [
      'a file that is not there',
      `${LEAST}    tls: {caFile: gone.pem}\n`,
      /connectors\.one: ENOENT.*gone\.pem/,
    ],
    [
      'half a client certificate',
      `${LEAST}    tls: {certFile: ${PATH}}\n`,
      /certFile and keyFile belong together/,
    ],
    [
      'a route to nowhere',
      `${LEAST}routes: [{name: r, to: nowhere}]\n`,
      /route "r" names the connector "nowhere"/,
    ],
    [
      'a country that is none',
      `${LEAST}routes: [{name: r, when: {country: XX}, to: one}]\n`,
      /two-letter country code/,
    ],
    [
      'a strategy that is none',
      `${LEAST}routes: [{name: r, to: one, strategy: luck}]\n`,
      /must be one of failover, round-robin/,
    ],
    ['broken YAML', 'connectors: [', /Flow sequence in block collection|expected/],
  ])('%s is named with its place', (_, text, fault) => {
    expect(faultsOf(text).join('\n')).toMatch(fault);
  });

  it('names every fault at once, and the file', () => {
    const text = `
connectors:
  one: {host: h, systemId: a, windowSize: 0}
  two: {host: h, systemId: a, bind: both}
`;
    expect(() => read(text)).toThrow(
      /^connectors\.yaml cannot be used:\n {2}- .*windowSize.*\n {2}- .*bind must be/,
    );
  });

  it('never shows a password', () => {
    const text = `${LEAST}    password: ${'s3cret'.repeat(20)}\n`;
    expect(faultsOf(text).join()).toMatch(
      /connectors\.one\.password must have at most 64 characters: \[secret\]/,
    );
    expect(faultsOf(text).join()).not.toContain('s3cret');
  });

  it('is no bomb: aliases that multiply are refused', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 0; level < 9; level++) {
      const [from, to] = [String.fromCharCode(97 + level), String.fromCharCode(98 + level)];
      lines.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(', ')}]`);
    }
    expect(() => read(lines.join('\n'))).toThrow(/alias/i);
  });
});
