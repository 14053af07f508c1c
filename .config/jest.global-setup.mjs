import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OWNER, PREFIX, removeAbandonedRuns } from './test-postgres.mjs';

export default async function setUp() {
  await removeAbandonedRuns();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  // Run by root, the server belongs to another account and must be able to enter.
  chmodSync(folder, 0o711);
  writeFileSync(join(folder, OWNER), String(process.pid));
  // Inherited by the workers.
  process.env.TEST_RUN_DIR = folder;
}
