// npm run event-schemas: writes docs/schemas/events. A schema that consumers have is not changed but for
// what may be added; another shape is another version.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchemaOf, PUBLISHED } from './event-schemas.js';

const folder = new URL('../../docs/schemas/events/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const type of PUBLISHED) writeFileSync(new URL(`${type}.v1.json`, folder), jsonSchemaOf(type));
process.stdout.write(`${String(PUBLISHED.length)} schemas in ${fileURLToPath(folder)}\n`);
