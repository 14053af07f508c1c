// Every room that keeps tables, in the order in which its migrations are applied.
import { fileURLToPath } from 'node:url';
import type { MigrationFolder } from '../postgres/migrate.js';

function folder(room: string, path: string): MigrationFolder {
  return { room, folder: fileURLToPath(new URL(`../../${path}/migrations`, import.meta.url)) };
}

export const MIGRATIONS: readonly MigrationFolder[] = [
  folder('journal', 'src/journal/postgres'),
  folder('subscription', 'src/subscription'),
  folder('publish', 'src/publish'),
  folder('message-status', 'projections/message-status'),
  folder('awaiting-outcome', 'projections/awaiting-outcome'),
  folder('receipt-matching', 'projections/receipt-matching'),
  folder('calls', 'projections/calls'),
  folder('inbound', 'projections/inbound'),
];
