// The voice simulator as a process of its own:
//   npm run voice-simulator -- --port 3500 --callback-url http://127.0.0.1:3000/v1/voice/callbacks/<secret>
// Says {"ready":true,"port":…} when it listens; ends on SIGTERM, SIGINT, or with its parent.
import { fstatSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RULES } from './call-script.js';
import { checkedSettings } from './simulator-settings.js';
import { VoiceSimulator } from './voice-simulator.js';

const USAGE = `voice simulator
  --port <n>           port to listen on (default: any free one)
  --host <address>     address to listen on (default 127.0.0.1)
  --callback-url <url> where calls are reported; VOICE_SIMULATOR_CALLBACK_URL keeps it out of ps
  --rule <rule>        ${RULES.join(' | ')} (default last-digit)
  --settings <json>    any setting, e.g. '{"ringDelayMs":500,"copies":2}'
`;

/** Standard input that another process holds; a terminal or /dev/null says nothing of a parent. */
function stdinIsHeld(): boolean {
  try {
    const stdin = fstatSync(0);
    return stdin.isFIFO() || stdin.isSocket();
  } catch {
    return false;
  }
}

function whenParentGoes(end: () => void): void {
  if (process.send !== undefined) process.once('disconnect', end);
  if (!stdinIsHeld()) return;
  process.stdin.once('end', end).once('error', end).resume();
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      'callback-url': { type: 'string' },
      rule: { type: 'string' },
      settings: { type: 'string', default: '{}' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const callbackUrl = values['callback-url'] ?? process.env['VOICE_SIMULATOR_CALLBACK_URL'];
  const settings = checkedSettings({
    ...(callbackUrl !== undefined && { callbackUrl }),
    ...(values.rule !== undefined && { rule: values.rule }),
    ...(JSON.parse(values.settings) as object),
  });
  const simulator = await VoiceSimulator.listen({ port: Number(values.port), host: values.host, settings });

  const end = (): void => {
    // Whatever still holds the process open is of no use without its server.
    void simulator.close().finally(() => process.exit(0));
  };
  process.once('SIGTERM', end).once('SIGINT', end);
  whenParentGoes(end);
  process.stdout.write(`${JSON.stringify({ ready: true, port: simulator.port })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(
    `voice simulator: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`,
  );
  process.exitCode = 1;
});
