// What must be well before this process should be sent work. Rooms add their own checks; this
// room knows none of them.
import { type Clock } from '../clock/clock.js';

export type Health =
  | { readonly status: 'up'; readonly detail?: string }
  /** `reason` says what is wrong and what is being done about it. */
  | { readonly status: 'down'; readonly reason: string };

export type HealthCheck = () => Health | Promise<Health>;

export interface Readiness {
  readonly status: 'up' | 'down';
  readonly checks: Readonly<Record<string, Health>>;
}

// Load balancers commonly give a probe 1 to 5 s; the answer must come before they give up.
const CHECK_TIMEOUT_MS = 900;

export class HealthChecks {
  private readonly checks = new Map<string, HealthCheck>();

  constructor(private readonly clock: Clock) {}

  /** Adds a check, or replaces the one of that name. Returns how to remove it. */
  add(name: string, check: HealthCheck): () => void {
    this.checks.set(name, check);
    return () => {
      if (this.checks.get(name) === check) this.checks.delete(name);
    };
  }

  /** Runs every check at once. A check that throws or does not answer in time is down. */
  async readiness(): Promise<Readiness> {
    const results = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await this.run(check)] as const),
    );
    const down = results.some(([, health]) => health.status === 'down');
    return { status: down ? 'down' : 'up', checks: Object.fromEntries(results) };
  }

  private run(check: HealthCheck): Promise<Health> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(CHECK_TIMEOUT_MS, () => {
        resolve({ status: 'down', reason: `no answer within ${String(CHECK_TIMEOUT_MS)} ms` });
      });
      const end = (health: Health) => {
        cancel();
        resolve(health);
      };
      // Started inside a promise, so that a check that throws at once is down like any other.
      Promise.resolve()
        .then(check)
        .then(end, (error: unknown) => {
          end({ status: 'down', reason: error instanceof Error ? error.message : String(error) });
        });
    });
  }
}
