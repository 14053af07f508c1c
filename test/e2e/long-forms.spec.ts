// What an SMSC gets of a long message and of one with ports, in every form, over a real link: read by
// npm smpp, which knows nothing of our encoder, put together as a phone does it, and reported back
// part by part.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LinkPdu } from '../../src/smpp/link.js';
import type { LongForm } from '../../src/message/message-format.js';
import { ConnectorsFile, connectorTo } from '../support/connectors-file.js';
import { ScriptedSmsc } from '../support/scripted-smsc.js';
import { type MessageAnswer, RunningService } from '../support/service.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

// Two septets for a bracket, two code units for a face: a part must not end between them.
const GSM = Array.from({ length: 60 }, (_, n) => `[${String(n)}] é`).join(', ');
const UCS2 = Array.from({ length: 40 }, (_, n) => `${String(n)} Привет 👍`).join(', ');
const PORTS = { destination: 2948, source: 9200 };
/** 3GPP TS 23.040 §9.2.3.24.4, as the package gives it: identifier, length, destination, source. */
const PORTS_ELEMENT = '05040b8423f0';

const PREFIX: Readonly<Record<LongForm, string>> = { udh8: '8', udh16: '16', sar: '7', payload: '9' };

interface Written {
  readonly message: string;
  readonly udh?: readonly Buffer[];
}

/** The text of a part, and the elements of its header in hexadecimal. */
function read({ fields }: LinkPdu): { readonly text: string; readonly elements: readonly string[] } {
  const { message, udh = [] } = (fields['message_payload'] ?? fields['short_message']) as Written;
  return { text: message, elements: udh.map((element) => element.toString('hex')) };
}

const hasIndicator = ({ fields }: LinkPdu): boolean => (Number(fields['esm_class']) & 0x40) !== 0;

let database: TestDatabase;
let smsc: ScriptedSmsc;
let file: ConnectorsFile;
let service: RunningService;
let lastPhone = 0;
/** Answered submits, each with what sends its receipt. */
const taken: { readonly pdu: LinkPdu; readonly report: () => void }[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  smsc = await ScriptedSmsc.listen();
  smsc.scripts.set('submit_sm', (connection, pdu) => {
    const id = `id-${String(taken.length + 1)}`;
    const text = `id:${id} sub:001 dlvrd:001 done date:2611210140 stat:DELIVRD err:000`;
    const report = (): void => {
      connection.request('deliver_sm', {
        source_addr: pdu.fields['destination_addr'],
        destination_addr: pdu.fields['source_addr'],
        esm_class: 4,
        short_message: Buffer.from(text),
      });
    };
    connection.reply(pdu, { message_id: id });
    taken.push({ pdu, report });
  });
  const forms = Object.keys(PREFIX) as LongForm[];
  file = await ConnectorsFile.create({
    connectors: Object.fromEntries(
      forms.map((longForm) => [longForm, connectorTo(smsc, { submit: { longForm } })]),
    ),
    routes: forms.map((form) => ({ name: form, when: { prefix: `2547${PREFIX[form]}` }, to: form })),
  });
  service = await RunningService.start({ databaseUrl: database.url, env: { CONNECTORS_FILE: file.path } });
});

afterAll(async () => {
  const exit = await service.stop();
  await file.remove();
  await smsc.close();
  await database.close();
  expect(exit).toEqual({ code: 0, signal: null });
});

/** Sends it through the connector of that form, reports every part, and returns what the SMSC got. */
async function carried(form: LongForm, message: object, parts: number): Promise<readonly LinkPdu[]> {
  const phone = `2547${PREFIX[form]}${String(++lastPhone).padStart(9 - 1 - PREFIX[form].length, '0')}`;
  const id = await service.send({
    to: `+${phone}`,
    from: '20414',
    channels: [{ channel: 'sms' }],
    ...message,
  });
  const mine = (): typeof taken => taken.filter(({ pdu }) => pdu.fields['destination_addr'] === phone);
  await smsc.until(`${String(parts)} submit_sm`, () => mine().length >= parts);
  // The last part is reported last, and only then is the whole delivered.
  const [last, ...others] = mine().toReversed();
  for (const { report } of others) report();
  if (others.length > 0) {
    await service.eventually<MessageAnswer>(`/v1/messages/${id}`, 'all parts but one', (answer) => {
      expect(answer.outcome).toBe('pending');
      return answer.parts.filter(({ state }) => state === 'reported').length === parts - 1;
    });
  }
  last?.report();
  expect(await service.settled(id)).toMatchObject({ status: 'delivered', outcome: 'reached-by-sms' });
  expect(mine()).toHaveLength(parts);
  return mine().map(({ pdu }) => pdu);
}

describe.each([
  ['gsm7', GSM, 0, 4],
  ['ucs2', UCS2, 8, 9],
] as const)('a long text in %s', (_, text, dataCoding, parts) => {
  it.each([
    ['udh8', /^0003(?<reference>..)(?<total>..)(?<sequence>..)$/],
    ['udh16', /^0804(?<reference>....)(?<total>..)(?<sequence>..)$/],
  ] as const)('is joined by the header of %s', async (form, concatenation) => {
    const pdus = await carried(form, { text }, parts);
    expect(pdus.every(hasIndicator)).toBe(true);
    const heads = pdus.map((pdu) => concatenation.exec(read(pdu).elements.join())?.groups ?? {});
    expect(new Set(heads.map(({ reference }) => reference)).size).toBe(1);
    expect(heads.map(({ total }) => parseInt(total ?? '', 16))).toEqual(pdus.map(() => parts));
    expect(inOrder(pdus, (index) => parseInt(heads[index]?.['sequence'] ?? '', 16))).toBe(text);
    expect(pdus.map(({ fields }) => fields['data_coding'])).toEqual(pdus.map(() => dataCoding));
  });

  it('is joined by the three sar parameters, without any header', async () => {
    const pdus = await carried('sar', { text }, parts);
    expect(pdus.some(hasIndicator)).toBe(false);
    expect(new Set(pdus.map(({ fields }) => fields['sar_msg_ref_num'])).size).toBe(1);
    expect(pdus.map(({ fields }) => fields['sar_total_segments'])).toEqual(pdus.map(() => parts));
    expect(inOrder(pdus, (index) => Number(pdus[index]?.fields['sar_segment_seqnum']))).toBe(text);
    expect(pdus.map(({ fields }) => fields['data_coding'])).toEqual(pdus.map(() => dataCoding));
  });

  it('is whole in message_payload, with an empty short_message', async () => {
    const [pdu] = await carried('payload', { text }, 1);
    expect(pdu?.fields).toMatchObject({ short_message: { message: '' }, data_coding: dataCoding });
    expect(pdu?.fields['message_payload']).toEqual({ message: text });
    expect(pdu === undefined || hasIndicator(pdu)).toBe(false);
  });
});

describe('a text to an application port', () => {
  it.each(['udh8', 'udh16', 'sar', 'payload'] as const)(
    'names its ports in one part, whatever the form: %s',
    async (form) => {
      const [pdu] = await carried(form, { text: 'Réunion à 9h [salle 2]', ports: PORTS }, 1);
      if (pdu === undefined) throw new Error('nothing was submitted');
      expect(hasIndicator(pdu)).toBe(true);
      expect(read(pdu)).toEqual({ text: 'Réunion à 9h [salle 2]', elements: [PORTS_ELEMENT] });
      expect(pdu.fields['message_payload']).toBeUndefined();
    },
  );

  it.each([
    ['udh8', '0003'],
    ['udh16', '0804'],
    // sar and payload must not meet a header: the message goes as udh8.
    ['sar', '0003'],
    ['payload', '0003'],
  ] as const)('names them in every part beside the concatenation: %s', async (form, concatenation) => {
    const pdus = await carried(form, { text: UCS2, ports: PORTS }, 9);
    const heads = pdus.map((pdu) => read(pdu).elements);
    expect(heads.map((elements) => elements.filter((element) => element === PORTS_ELEMENT))).toEqual(
      pdus.map(() => [PORTS_ELEMENT]),
    );
    const joins = heads.map((elements) => elements.find((element) => element !== PORTS_ELEMENT) ?? '');
    expect(joins.every((element) => element.startsWith(concatenation))).toBe(true);
    expect(inOrder(pdus, (index) => parseInt(joins[index]?.slice(-2) ?? '', 16))).toBe(UCS2);
    expect(pdus.map(({ fields }) => fields['sar_total_segments'])).toEqual(pdus.map(() => undefined));
  });
});

/** The text as a phone shows it: the parts by their numbers, which must be 1 to their count. */
function inOrder(pdus: readonly LinkPdu[], sequenceOf: (index: number) => number): string {
  const bySequence = new Map(pdus.map((pdu, index) => [sequenceOf(index), read(pdu).text]));
  expect([...bySequence.keys()].sort((a, b) => a - b)).toEqual(pdus.map((_, index) => index + 1));
  return pdus.map((_, index) => bySequence.get(index + 1)).join('');
}
