// CONNECTORS_FILE → the connectors and routes it describes. YAML 1.2, of which JSON is a part. A file
// with any fault is refused as a whole, with every fault named, so that a reload never half happens.
import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { fieldProblems } from '../../http/zod-problems.js';
import type { QueryOptions } from '../asking/asking.options.js';
import { checkOptions, type ConnectorOptions } from '../connector.options.js';
import { StatusTable } from '../pdu/command-status.js';
import { checkDataSmForm, checkForm33, checkSubmitFormOptions } from '../submit-form.options.js';
import { unknownTargets } from '../routing/router.js';
import type { TlsSettings } from '../session/wire.js';
import { ConnectorsFileError } from '../smpp.errors.js';
import type { ConnectorSet, ConnectorSettings } from './connector-settings.js';
import { type ConnectorInFile, connectorsFileSchema } from './connectors-file.schema.js';

/** What is the same for the messages from phones of every connector. */
export type SharedInbound = Omit<ConnectorSettings['inbound'], 'defaultAlphabet'>;

/** Where secrets and certificates come from; the real ones unless a test says otherwise. */
export interface FileWorld {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readText: (path: string) => string;
}

const REAL_WORLD: FileWorld = {
  environment: process.env,
  readText: (path) => readFileSync(path, 'utf8'),
};

/** @throws ConnectorsFileError naming the file and every fault in it: correct it and try again. */
export function readConnectorsFile(
  path: string,
  inbound: SharedInbound,
  world: FileWorld = REAL_WORLD,
): ConnectorSet {
  let text: string;
  try {
    text = world.readText(path);
  } catch (error) {
    throw new ConnectorsFileError(path, [`cannot be read: ${messageOf(error)}`], { cause: error });
  }
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    throw new ConnectorsFileError(
      path,
      document.errors.map(({ message }) => message.split('\n')[0] ?? message),
    );
  }
  // Aliases are counted, so that a few lines cannot become millions of values.
  const given: unknown = document.toJS({ maxAliasCount: 100 });
  const read = connectorsFileSchema.safeParse(given);
  if (!read.success) {
    const faults = fieldProblems(read.error, withoutPasswords(given));
    throw new ConnectorsFileError(
      path,
      faults.map(
        ({ field, problem, value }) => `${field} ${problem}${value === undefined ? '' : `: ${value}`}`,
      ),
    );
  }
  const { connectors, routes } = read.data;
  const faults = [...unknownTargets(routes, new Set(Object.keys(connectors)))];
  const settings = Object.entries(connectors).flatMap(([name, connector]): ConnectorSettings[] => {
    try {
      return [settingsOf(name, connector, inbound, world)];
    } catch (error) {
      faults.push(`connectors.${name}: ${messageOf(error)}`);
      return [];
    }
  });
  if (faults.length > 0) throw new ConnectorsFileError(path, faults);
  return {
    connectors: settings,
    routes,
  };
}

function settingsOf(
  name: string,
  file: ConnectorInFile,
  inbound: SharedInbound,
  world: FileWorld,
): ConnectorSettings {
  const { rebind } = file;
  const connector: ConnectorOptions = {
    name,
    hosts: file.hosts ?? (file.host === undefined ? [] : [file.host]),
    systemId: file.systemId,
    password: passwordOf(file.password, world),
    systemType: file.systemType,
    interfaceVersion: file.interfaceVersion,
    bind: file.bind,
    bindCount: file.binds,
    bindTon: file.bindTon,
    bindNpi: file.bindNpi,
    addressRange: file.addressRange,
    tls: tlsOf(file.tls, world),
    windowSize: file.windowSize,
    submitsPerSecond: file.submitsPerSecond,
    responseTimeoutMs: ms(file.responseTimeoutSeconds),
    enquireLinkIntervalMs: ms(file.enquireLinkSeconds),
    connectTimeoutMs: ms(file.connectTimeoutSeconds),
    bindTimeoutMs: ms(file.bindTimeoutSeconds),
    inactivityTimeoutMs: ms(file.inactivityTimeoutSeconds),
    partialPduTimeoutMs: ms(file.partialPduTimeoutSeconds),
    ...(file.maxPduOctets === undefined ? {} : { maxPduOctets: file.maxPduOctets }),
    ...(file.maxUnansweredDelivers === undefined
      ? {}
      : { maxUnansweredDelivers: file.maxUnansweredDelivers }),
    group: file.group ?? name,
    receipts: file.receipts,
    statusOverrides: file.statuses,
    submitWith: file.submitWith,
    tryLaterWith: file.tryLaterWith,
    query: queryOf(file.query),
    replace: file.replace,
    rebind: {
      ...(rebind.firstSeconds === undefined ? {} : { firstMs: ms(rebind.firstSeconds) }),
      ...(rebind.maxSeconds === undefined ? {} : { maxMs: ms(rebind.maxSeconds) }),
      ...(rebind.refusedFirstSeconds === undefined ? {} : { refusedFirstMs: ms(rebind.refusedFirstSeconds) }),
      ...(rebind.refusedMaxSeconds === undefined ? {} : { refusedMaxMs: ms(rebind.refusedMaxSeconds) }),
      ...(rebind.occupiedFirstSeconds === undefined
        ? {}
        : { occupiedFirstMs: ms(rebind.occupiedFirstSeconds) }),
      ...(rebind.occupiedMaxSeconds === undefined ? {} : { occupiedMaxMs: ms(rebind.occupiedMaxSeconds) }),
      ...(rebind.stableSeconds === undefined ? {} : { stableMs: ms(rebind.stableSeconds) }),
    },
  };
  checkOptions(connector);
  // Says what is wrong with an override; the connector makes its own.
  new StatusTable(file.statuses);
  checkSubmitFormOptions(file.submit);
  if (file.submitWith === 'data_sm') checkDataSmForm(file.submit);
  if (file.interfaceVersion < 0x34) checkForm33(file.submit);
  return {
    connector,
    inDoubtPolicy: file.inDoubt,
    group: file.group ?? name,
    form: { ...file.submit, defaultAlphabet: file.defaultAlphabet },
    inbound: { ...inbound, defaultAlphabet: file.defaultAlphabet },
  };
}

function queryOf(query: ConnectorInFile['query']): QueryOptions | null {
  if (query === null) return null;
  const { max: maxQueries, ...rest } = query;
  return { ...rest, maxQueries };
}

function passwordOf(password: ConnectorInFile['password'], { environment, readText }: FileWorld): string {
  if (typeof password === 'string') return password;
  if ('file' in password) return readText(password.file).replace(/\r?\n$/, '');
  const value = environment[password.env];
  if (value === undefined) throw new Error(`password: the variable ${password.env} is not set`);
  return value;
}

function tlsOf(tls: ConnectorInFile['tls'], { readText }: FileWorld): boolean | TlsSettings {
  if (typeof tls === 'boolean') return tls;
  const { caFile, certFile, keyFile, serverName, verify } = tls;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new Error('tls: certFile and keyFile belong together: give both or none');
  }
  return {
    rejectUnauthorized: verify,
    ...(caFile === undefined ? {} : { ca: readText(caFile) }),
    ...(certFile === undefined ? {} : { cert: readText(certFile) }),
    ...(keyFile === undefined ? {} : { key: readText(keyFile) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

function ms(seconds: number): number {
  return Math.round(seconds * 1000);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What is wrong is shown with its value, but never a password. */
function withoutPasswords(given: unknown): unknown {
  return JSON.parse(
    JSON.stringify(given ?? null, (key, value: unknown) => (key === 'password' ? '[secret]' : value)),
  );
}
