// A file of connectors in a folder of its own, for services that a test starts and reloads.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';

export class ConnectorsFile {
  private constructor(
    private readonly folder: string,
    readonly path: string,
  ) {}

  static async create(content: object): Promise<ConnectorsFile> {
    const folder = await mkdtemp(join(tmpdir(), 'surereach-connectors-'));
    const file = new ConnectorsFile(folder, join(folder, 'connectors.json'));
    await file.write(content);
    return file;
  }

  write(content: object): Promise<void> {
    return writeFile(this.path, JSON.stringify(content));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

/** A connector to this SMSC, as it stands in the file. */
export function connectorTo(smsc: Pick<SmscSimulator, 'port'>, more: object = {}): object {
  return {
    host: `127.0.0.1:${String(smsc.port)}`,
    systemId: 'surereach',
    password: 'surereach',
    rebind: { firstSeconds: 0.1, maxSeconds: 0.5 },
    ...more,
  };
}
