// docs/SMPP.md is the operator's reference: every setting of the connectors file stands there, none
// that does not exist, and its example is one that the service takes.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import {
  conditionSchema,
  connectorSchema,
  routeSchema,
} from '../../src/smpp/settings/connectors-file.schema.js';
import { readConnectorsFile } from '../../src/smpp/settings/connectors-file.js';
import { receiptsSchema } from '../../src/smpp/settings/receipts.schema.js';
import { submitSchema } from '../../src/smpp/settings/submit.schema.js';

const reference = readFileSync(new URL('../../docs/SMPP.md', import.meta.url), 'utf8');

/** First cells of the tables whose first heading is `heading`, without their marks. */
function rowsOf(heading: string): readonly string[] {
  const rows: string[] = [];
  let isInside = false;
  for (const line of reference.split('\n')) {
    const first = /^\|([^|]+)\|/.exec(line)?.[1]?.trim();
    if (first === undefined) isInside = false;
    else if (first === heading) isInside = true;
    else if (isInside && !/^-+$/.test(first)) rows.push(first.replaceAll('`', ''));
  }
  return rows;
}

const namesOf = (schema: { readonly shape: object }): readonly string[] => Object.keys(schema.shape).sort();

describe('docs/SMPP.md', () => {
  it.each([
    ['Setting', connectorSchema],
    ['Field of submit', submitSchema],
    ['Field of receipts', receiptsSchema],
    ['Field', routeSchema],
  ] as const)('names every %s there is, and no other', (heading, schema) => {
    const rows = rowsOf(
      heading.includes(' of ') ? `Field of \`${heading.slice('Field of '.length)}\`` : heading,
    );
    expect([...rows].sort()).toEqual(namesOf(schema));
  });

  it('names every condition of a route', () => {
    const when = reference.split('\n').find((line) => line.startsWith('| `when`')) ?? '';
    for (const name of namesOf(conditionSchema)) expect(when).toContain(`\`${name}\``);
  });

  it('gives an example that the service takes', () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(reference)?.[1] ?? '';
    expect(parse(example)).toMatchObject({ connectors: expect.any(Object) });
    const { connectors, routes } = readConnectorsFile(
      'example',
      { country: null, partsTimeoutSeconds: 3600, repeatSeconds: 600 },
      {
        environment: { KENYA_PASSWORD: 'secret' },
        readText: (path) => (path === 'example' ? example : 'secret'),
      },
    );
    expect([connectors.length, routes.length]).toEqual([2, 2]);
  });
});
