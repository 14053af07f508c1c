// Certificates for TLS on loopback, made anew for each run so that none can expire in the
// repository. X.509 (RFC 5280) is written as DER by hand; Node signs but cannot build.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface SelfSigned {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateAuthority {
  readonly cert: string;
  /** A certificate for that name and for 127.0.0.1. */
  issue(commonName: string): SelfSigned;
}

interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const OID_ECDSA_SHA256 = '2a8648ce3d040302';
const OID_COMMON_NAME = '550403';
const OID_SUBJECT_ALT_NAME = '551d11';
const OID_BASIC_CONSTRAINTS = '551d13';
const TRUE = Buffer.from('0101ff', 'hex');

/** A certificate for that name and for 127.0.0.1 that nobody but itself vouches for. */
export function selfSigned(commonName = 'localhost'): SelfSigned {
  const keys = newKeys();
  return { cert: certificate(commonName, keys, commonName, keys, altNames(commonName)), key: pem(keys) };
}

export function certificateAuthority(name: string): CertificateAuthority {
  const own = newKeys();
  // Critical, as §4.2.1.9 wants it: this key may sign certificates.
  const constraints = der(0x30, oid(OID_BASIC_CONSTRAINTS), TRUE, der(0x04, der(0x30, TRUE)));
  return {
    cert: certificate(name, own, name, own, constraints),
    issue: (commonName) => {
      const keys = newKeys();
      return { cert: certificate(commonName, keys, name, own, altNames(commonName)), key: pem(keys) };
    },
  };
}

function certificate(
  subject: string,
  { publicKey }: Keys,
  issuer: string,
  { privateKey }: Keys,
  extension: Buffer,
): string {
  const algorithm = der(0x30, oid(OID_ECDSA_SHA256));
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.from([1])), // serial number
    algorithm,
    nameOf(issuer),
    der(0x30, der(0x18, Buffer.from('20200101000000Z')), der(0x18, Buffer.from('21200101000000Z'))),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, extension)),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const whole = der(0x30, toBeSigned, algorithm, der(0x03, Buffer.from([0]), signature));
  return `-----BEGIN CERTIFICATE-----\n${whole.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

function newKeys(): Keys {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function pem({ privateKey }: Keys): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function nameOf(commonName: string): Buffer {
  const attribute = der(0x30, oid(OID_COMMON_NAME), der(0x0c, Buffer.from(commonName)));
  return der(0x30, der(0x31, attribute));
}

function altNames(commonName: string): Buffer {
  const names = der(0x30, der(0x82, Buffer.from(commonName)), der(0x87, Buffer.from([127, 0, 0, 1])));
  return der(0x30, oid(OID_SUBJECT_ALT_NAME), der(0x04, names));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}
