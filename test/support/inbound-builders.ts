// Messages from phones for specs: commands to a conversation, and deliver_sm with them.
import type { Randomness } from '../../src/clock/clock.js';
import { uuidOf } from '../../src/clock/ids.js';
import type { ReceiveMessage } from '../../src/message/conversation.decider.js';
import type { InboundEvidence } from '../../src/message/inbound.events.js';
import { type Conversations } from '../../src/smpp/inbound/conversations.js';
import { encodePdu } from '../../src/smpp/link.js';
import { DeliverSm, readDeliverSm } from '../../src/smpp/pdu/deliver-sm.js';
import { at } from './message-builders.js';

export const PHONE = '+27831234567';
export const SHORT_CODE = '20414';
export const PARTS_TIMEOUT_SECONDS = 3600;
export const REPEAT_SECONDS = 600;

const EVIDENCE: InboundEvidence = {
  pdu: 'deliver_sm',
  serviceType: '',
  sourceTon: 1,
  sourceNpi: 1,
  destTon: 3,
  destNpi: 0,
  destAddr: SHORT_CODE,
  esmClass: 0,
  dataCoding: 0,
  headerOctets: 0,
  smscMessageId: null,
};

/** The same name and moment always give the same id. */
export function inboundIdOf(text: string, seconds = 0): string {
  return uuidOf(`inbound ${text} ${String(seconds)}`);
}

/** A message of one part, `seconds` after some moment. */
export function receive(text: string, seconds = 0, overrides: Partial<ReceiveMessage> = {}): ReceiveMessage {
  return {
    type: 'ReceiveMessage',
    at: at(seconds),
    inboundId: inboundIdOf(text, seconds),
    connector: 'main',
    group: 'main',
    to: SHORT_CODE,
    from: PHONE,
    sourceAddr: PHONE.slice(1),
    kind: 'message',
    alphabet: 'latin1',
    ussd: null,
    evidence: EVIDENCE,
    contentId: `content ${text}`,
    octetsHex: Buffer.from(text, 'latin1').toString('hex'),
    partOf: null,
    partsTimeoutSeconds: PARTS_TIMEOUT_SECONDS,
    repeatSeconds: REPEAT_SECONDS,
    ...overrides,
  };
}

/** Part `part` of `total`, joined by an 8-bit reference. */
export function receivePart(
  [part, total]: readonly [part: number, total: number],
  text: string,
  seconds = 0,
  { reference = 7, ...overrides }: Partial<ReceiveMessage> & { readonly reference?: number } = {},
): ReceiveMessage {
  const header = Buffer.from([5, 0, 3, reference, total, part]);
  return receive(text, seconds, {
    evidence: { ...EVIDENCE, esmClass: 0x40, headerOctets: header.length },
    contentId: `content ${String(reference)} ${String(part)} ${String(total)} ${text}`,
    octetsHex: Buffer.concat([header, Buffer.from(text, 'latin1')]).toString('hex'),
    partOf: { reference: { kind: 'udh8', number: reference }, part, total },
    ...overrides,
  });
}

/** What five phones send, from a seed: single messages, parts in any order, copies, parts that never come. */
export async function receiveSome(
  conversations: Pick<Conversations, 'handle'>,
  randomness: Randomness,
): Promise<void> {
  const pick = (below: number): number => Math.floor(randomness.fraction() * below);
  for (let n = 0; n < 40; n++) {
    const from = `+2783000000${String(pick(5))}`;
    const part = 1 + pick(3);
    const command =
      pick(2) === 0
        ? receive(`message ${String(pick(10))}`, n, { from })
        : receivePart([part, 3], `part ${String(part)}`, n, { from, reference: pick(3) });
    const inboundId = uuidOf(`${from} ${String(n)} ${String(randomness.fraction())}`);
    await conversations.handle({ ours: SHORT_CODE, theirs: from }, { ...command, inboundId });
  }
}

/** A deliver_sm from PHONE to SHORT_CODE, its fields named as SMPP names them. */
export function moSm(
  fields: Readonly<Record<string, unknown>>,
  command: 'deliver_sm' | 'data_sm' = 'deliver_sm',
): DeliverSm {
  const octets = encodePdu(command, 1, {
    source_addr_ton: 1,
    source_addr_npi: 1,
    source_addr: PHONE.slice(1),
    dest_addr_ton: 3,
    destination_addr: SHORT_CODE,
    ...fields,
  });
  const pdu = readDeliverSm(octets, 0, octets.length);
  if (!(pdu instanceof DeliverSm)) throw new Error(`not a ${command}`);
  return pdu;
}

export function moText(text: string, fields: Readonly<Record<string, unknown>> = {}): DeliverSm {
  return moSm({ short_message: Buffer.from(text, 'latin1'), ...fields });
}

/** A part with a user data header. */
export function moPart([part, total]: readonly [number, number], text: string, reference = 7): DeliverSm {
  const header = Buffer.from([5, 0, 3, reference, total, part]);
  // The octets as they are: the package would write a header of its own making.
  return moSm({ esm_class: 0x40, short_message: Buffer.concat([header, Buffer.from(text, 'latin1')]) });
}
