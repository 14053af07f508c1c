// Keeps the embedded PostgreSQL alive for as long as the service wants it: a server that was
// killed is started again at the same address. What the service had under way then ends as with
// any lost connection, and goes on when the address answers.
import type { Cancel } from '../clock/clock.js';
import { isAlive } from './cluster/process-identity.js';
import { EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.js';

/** How soon a death is noticed; looking costs one system call. */
const LOOK_MS = 250;

/** Pause after a restart that failed. */
const RETRY_MS = 2_000;

export interface KeptPostgresOptions extends EmbeddedPostgresOptions {
  /** Told of every death and every restart. */
  readonly onTrouble: (what: string) => void;
}

export class KeptPostgres {
  private stopping = false;
  private cancel: Cancel = () => undefined;
  private restarting: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: KeptPostgresOptions,
    private server: EmbeddedPostgres,
  ) {
    this.look(LOOK_MS);
  }

  /** @throws as EmbeddedPostgres.start */
  static async start(options: KeptPostgresOptions): Promise<KeptPostgres> {
    return new KeptPostgres(options, await EmbeddedPostgres.start(options));
  }

  get url(): string {
    return this.server.url;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.cancel();
    await this.restarting;
    await this.server.stop();
  }

  private look(afterMs: number): void {
    this.cancel = this.options.clock.after(afterMs, () => {
      if (this.stopping) return;
      if (isAlive(this.server.pid)) this.look(LOOK_MS);
      else this.restarting = this.restart();
    });
  }

  private async restart(): Promise<void> {
    const { onTrouble } = this.options;
    onTrouble('PostgreSQL has ended without being told to; starting it again');
    try {
      const server = await EmbeddedPostgres.start(this.options);
      if (server.url !== this.server.url) {
        onTrouble('PostgreSQL came back at another port, because its own was taken: restart the service');
      }
      this.server = server;
      this.look(LOOK_MS);
    } catch (error) {
      onTrouble(`PostgreSQL did not start again: ${String(error)}`);
      this.look(RETRY_MS);
    }
  }
}
