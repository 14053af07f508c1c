// Why a connection failed, in Node's words and, where they leave a person alone, with the way out.

const UNTRUSTED =
  'nobody we trust has signed the certificate of the SMSC: give the authority that has, as tls.caFile of the connector or SMPP_TLS_CA_FILE';

/** By the code of Node's error; the first six are OpenSSL's X509_V_ERR_*. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_HAS_EXPIRED: 'the operator of the SMSC must renew it',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'connect to a name that stands in the certificate, or say it as tls.serverName of the connector',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what listens there speaks no TLS: is this the port for TLS?',
};

export function reasonOf(error: Error & { readonly code?: string }): string {
  const wayOut = error.code === undefined ? undefined : WAYS_OUT[error.code];
  return wayOut === undefined ? error.message : `${error.message.trimEnd()} (${wayOut})`;
}
