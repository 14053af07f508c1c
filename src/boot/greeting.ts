// What a person sees when the service is ready: where it is, what it talks to, what to try.
import type { AppConfig } from '../config/config.js';
import type { Simulators } from './simulators.js';

export function greeting(config: AppConfig, { smsc, voice }: Simulators): string {
  const { http, smpp } = config;
  const url = `http://${http.host}:${String(http.port)}`;
  const lines = [
    `SureReach is ready: ${url}`,
    '',
    smsc === null
      ? `  SMSC            ${smpp.host ?? '-'}:${String(smpp.port)} as ${smpp.systemId}`
      : `  SMSC            built-in simulator on port ${String(smsc.ready.port)}, its ledger at http://127.0.0.1:${String(smsc.ready.httpPort)}/ledger`,
    voice === null
      ? `  Voice gateway   ${config.voice.url ?? '-'}`
      : `  Voice gateway   built-in simulator, its ledger at http://127.0.0.1:${String(voice.ready.port)}/ledger`,
    `  Store           ${config.databaseUrl === null ? `PostgreSQL in ${config.dataDir}` : 'PostgreSQL at DATABASE_URL'}`,
    ...(config.journal === 'eventstoredb' ? ['  Journal         EventStoreDB at EVENTSTORE_URL'] : []),
    `  API             ${url}/docs`,
    '',
  ];
  const tips = [
    'Try:',
    `  curl -s ${url}/v1/messages -H 'content-type: application/json' \\`,
    `    -d '{"to":"+254722000000","from":"20414","text":"Your appointment is tomorrow at 9:30."}'`,
    `  curl -s ${url}/v1/messages/<id>          # what became of it`,
    `  curl -s ${url}/v1/messages/<id>/events   # everything that happened to it`,
  ];
  const simulated = [
    'Numbers ending in 0–4 and 8 get the SMS; 5, 6 and 7 do not and are called; 9 stays without a receipt.',
  ];
  return [...lines, ...tips, ...(smsc === null ? [] : ['', ...simulated]), '', 'Ctrl-C stops it.', ''].join(
    '\n',
  );
}
