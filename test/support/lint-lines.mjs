// Reads {code, filePath} as lines of JSON, writes the ids of the rules each breaks as a line of JSON.
import { createInterface } from 'node:readline';
import { ESLint } from 'eslint';

const eslint = new ESLint({ overrideConfigFile: '.config/eslint.config.mjs' });
for await (const line of createInterface({ input: process.stdin })) {
  const { code, filePath } = JSON.parse(line);
  const [result] = await eslint.lintText(code, { filePath });
  const rules = (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
  process.stdout.write(`${JSON.stringify(rules)}\n`);
}
