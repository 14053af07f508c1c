// The whole service bound to an SMSC made of somebody else's stack, with what the specs ask of both.
import { type MessageAnswer, RunningService } from '../../support/service.js';
import { openTestDatabase, type TestDatabase } from '../../support/test-postgres.js';
import { FarEnd, type Told } from './far-end.js';
import type { Stack } from './stacks.js';

export const SENDER = '20414';
export const SMS_ALONE = { channels: [{ channel: 'sms' }] };

export class FarSmscRoom {
  private phones = 0;

  private constructor(
    readonly database: TestDatabase,
    readonly smsc: FarEnd,
    public service: RunningService,
  ) {}

  static async open(stack: Stack): Promise<FarSmscRoom> {
    const database = await openTestDatabase();
    const smsc = await FarEnd.start(stack, 'smsc');
    const env = smppEnv(smsc, { SMPP_ENQUIRE_LINK_SECONDS: '1' });
    const service = await RunningService.start({ databaseUrl: database.url, env });
    await smsc.told('bound', 'the bind of the service');
    return new FarSmscRoom(database, smsc, service);
  }

  async close(): Promise<void> {
    await this.service.stop();
    await this.smsc.stop();
    await this.database.close();
  }

  /** Starts the service again, over the same database. */
  async restart(env: Readonly<Record<string, string>>): Promise<void> {
    this.service = await RunningService.start({
      databaseUrl: this.database.url,
      env: smppEnv(this.smsc, env),
    });
  }

  /** What receipts the SMSC sends for the submits to come: a word of SMPP 3.4 Appendix B, or none. */
  async receipts(state: string, tlvs = false): Promise<void> {
    await this.smsc.order('receipts', { state, tlvs });
  }

  /** A number that no message went to before. */
  phone(): string {
    this.phones += 1;
    return `+254722${String(this.phones).padStart(6, '0')}`;
  }

  send(text: string, to = this.phone()): Promise<string> {
    return this.service.send({ to, from: SENDER, text, ...SMS_ALONE });
  }

  /** Sends and waits for the outcome. */
  async settled(
    text: string,
  ): Promise<{ readonly message: MessageAnswer; readonly submits: readonly Told<'submit'>[] }> {
    const to = this.phone();
    const message = await this.service.settled(await this.send(text, to));
    return { message, submits: this.submitsTo(to) };
  }

  submitsTo(to: string): readonly Told<'submit'>[] {
    return this.smsc.all('submit').filter((submit) => `+${submit.to}` === to);
  }

  async typesOf(id: string): Promise<readonly string[]> {
    return (await this.service.events(id)).map(({ type }) => type);
  }

  /** When the message's history holds an event of that type. */
  async happened(id: string, type: string): Promise<void> {
    await this.service.eventually<readonly { type: string }[]>(
      `/v1/messages/${id}/events`,
      `${type} in the history of ${id}`,
      (events) => events.some((event) => event.type === type),
    );
  }

  /** Has the SMSC say DELIVRD of the newest submit to that phone; the deliver_sm_resp is the answer. */
  async deliverReceipt(to: string): Promise<number | undefined> {
    const id = this.submitsTo(to).at(-1)?.id;
    const text = `id:${String(id)} sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:DELIVRD err:000 text:`;
    const hex = Buffer.from(text, 'latin1').toString('hex');
    const receipt = { from: to.slice(1), to: SENDER, esmClass: 0x04, dataCoding: 0, hex };
    return (await this.smsc.order('deliver', receipt)).status;
  }
}

/** Environment of a service that talks to this SMSC. */
export function smppEnv(
  smsc: FarEnd,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return {
    SMPP_HOST: '127.0.0.1',
    SMPP_PORT: String(smsc.port),
    SMPP_SYSTEM_ID: 'surereach',
    SMPP_PASSWORD: 'secret',
    SMPP_WINDOW: '10',
    ...more,
  };
}
