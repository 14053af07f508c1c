// Types for the part of npm `smpp` 0.5.1 that link.ts uses; the package brings none.
declare module 'smpp' {
  interface Pdu {
    readonly command: string;
    readonly command_id: number;
    readonly command_status: number;
    readonly sequence_number: number;
    readonly [field: string]: unknown;
    toBuffer(): Buffer;
  }
  const smpp: {
    readonly PDU: new (commandOrOctets: string | Buffer, fields?: Record<string, unknown>) => Pdu;
    readonly errors: Readonly<Record<string, number>>;
  };
  export default smpp;
}
