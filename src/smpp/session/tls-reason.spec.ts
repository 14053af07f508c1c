import { describe, expect, it } from '@jest/globals';
import { reasonOf } from './tls-reason.js';

const failure = (message: string, code?: string): Error => Object.assign(new Error(message), { code });

describe('the reason of a connection that failed', () => {
  it.each([
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SMPP_TLS_CA_FILE'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls.caFile'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls.serverName'],
    ['CERT_HAS_EXPIRED', 'must renew it'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'speaks no TLS'],
  ])('names the way out of %s behind what Node says', (code, wayOut) => {
    const reason = reasonOf(failure('what Node says', code));
    expect(reason).toMatch(/^what Node says \(.+\)$/);
    expect(reason).toContain(wayOut);
  });

  it('is what Node says where that is enough', () => {
    expect(reasonOf(failure('connect ECONNREFUSED 127.0.0.1:2775', 'ECONNREFUSED'))).toBe(
      'connect ECONNREFUSED 127.0.0.1:2775',
    );
    expect(reasonOf(failure('no code'))).toBe('no code');
  });
});
