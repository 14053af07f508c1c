// Where the connectors come from: the file, or, without one, the one connector of SMPP_*.
import { readFileSync } from 'node:fs';
import type { AppConfig, SmppConfig } from '../../config/config.js';
import { QUERY_BACKOFF } from '../asking/asking.options.js';
import type { ConnectorOptions } from '../connector.options.js';
import { BIND_TIMEOUT_MS, type ConnectorSet } from './connector-settings.js';
import { readConnectorsFile } from './connectors-file.js';

/** The name of the one connector of SMPP_*; its receipts are parked in the stream receipts-default. */
const DEFAULT_CONNECTOR = 'default';

/** What data_coding 0 stands for at nearly every SMSC. */
const DEFAULT_ALPHABET = 'gsm';

/** SMPP 3.4. */
const INTERFACE_VERSION = 0x34;

/** Read anew at every call: a reload gives what the file says now. @throws ConnectorsFileError */
export function connectorSetOf({ smpp, message, inbound: settings }: AppConfig): ConnectorSet {
  const inbound = { country: message.defaultCountry, ...settings };
  if (smpp.connectorsFile !== null) return readConnectorsFile(smpp.connectorsFile, inbound);
  const { inDoubtPolicy } = smpp;
  return {
    connectors: [
      {
        connector: optionsOf(smpp),
        inDoubtPolicy,
        group: DEFAULT_CONNECTOR,
        form: {},
        inbound: { ...inbound, defaultAlphabet: DEFAULT_ALPHABET },
      },
    ],
    routes: [],
  };
}

function optionsOf(smpp: SmppConfig): ConnectorOptions {
  return {
    name: DEFAULT_CONNECTOR,
    // The built-in simulator's address is put into the configuration once it listens.
    hosts: [{ host: smpp.host ?? '127.0.0.1', port: smpp.port }],
    systemId: smpp.systemId,
    password: smpp.password.reveal(),
    systemType: smpp.systemType,
    bind: smpp.bind,
    tls: smpp.tlsCaFile === null ? smpp.tls : { ca: readFileSync(smpp.tlsCaFile, 'utf8') },
    windowSize: smpp.windowSize,
    submitsPerSecond: smpp.submitsPerSecond,
    responseTimeoutMs: smpp.responseTimeoutMs,
    enquireLinkIntervalMs: smpp.enquireLinkIntervalMs,
    bindTimeoutMs: BIND_TIMEOUT_MS,
    inactivityTimeoutMs: 0,
    interfaceVersion: INTERFACE_VERSION,
    submitWith: smpp.submitWith,
    tryLaterWith: smpp.tryLaterWith,
    query: smpp.query === null ? null : { ...smpp.query, backoffFactor: QUERY_BACKOFF },
    replace: smpp.replace,
  };
}
