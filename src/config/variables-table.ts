// The variables as a Markdown table, as it stands in the README.
import { type Variable, VARIABLES } from './variables.js';

export function renderVariablesTable(): string {
  const rows = Object.entries<Variable>(VARIABLES).map(([name, variable]) => {
    const shownDefault =
      variable.default === null ? 'unset' : variable.default === '' ? 'empty' : `\`${variable.default}\``;
    const file = variable.secret ? ` Also \`${name}_FILE\`.` : '';
    return `| \`${name}\` | ${shownDefault} | ${variable.meaning}${file} |`;
  });
  return ['| Variable | Default | Meaning |', '|---|---|---|', ...rows, ''].join('\n');
}
