import { removeRun } from './test-postgres.mjs';

export default async function tearDown() {
  const folder = process.env.TEST_RUN_DIR;
  if (folder !== undefined) await removeRun(folder);
}
