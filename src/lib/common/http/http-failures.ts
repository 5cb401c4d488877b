/**
 * What an exchange ended with when it is no answer to be read. The caller's policy decides whether it is tried again.
 */
export class FailedExchange extends Error {
  constructor(
    /** What the other side (or the proxy before it) did: the predicate of a sentence. */
    readonly happened: string,
    readonly options: {
      /** What a person does about it. */
      readonly advice: string;
      /** False when the request certainly was not carried out. */
      readonly mayBeDone: boolean;
      /** False where the same request would end in the same way. */
      readonly passing?: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly detail?: string | undefined;
      /** Who failed, where it is not the other side itself: a proxy. */
      readonly who?: string | undefined;
    },
  ) {
    super(happened);
  }
}

/** Failures of the connection that happen before a request can have reached anybody. */
const NOTHING_LEFT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

const CONNECTION_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at that address',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'the host name cannot be looked up now',
  ECONNRESET: 'the connection was dropped',
  EPIPE: 'the connection was dropped',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was dropped',
  ETIMEDOUT: 'nothing answers at that address',
  EHOSTUNREACH: 'no route to that host',
  ENETUNREACH: 'no network',
  HPE_HEADER_OVERFLOW: 'the headers of its answer are too large',
};

const OWN_CA =
  'if your own authority signed it, name the file of its certificate in the environment variable NODE_EXTRA_CA_CERTS';

/** What is wrong with a certificate, and what a person does about it. */
const CERTIFICATE_WORDS: Readonly<Record<string, readonly [string, string]>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is self-signed', OWN_CA],
  SELF_SIGNED_CERT_IN_CHAIN: ['its certificate comes from an authority that this machine does not know', OWN_CA],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['its certificate comes from an authority that this machine does not know', OWN_CA],
  UNABLE_TO_GET_ISSUER_CERT: ['its certificate comes from an authority that this machine does not know', OWN_CA],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'its certificate comes from an authority that this machine does not know',
    OWN_CA,
  ],
  CERT_HAS_EXPIRED: ['its certificate has expired', "have it renewed, and check this machine's clock"],
  CERT_NOT_YET_VALID: ['its certificate is not valid yet', "check this machine's clock"],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its certificate is for another host name',
    'use the host name that the certificate was made for',
  ],
};

function connectionWords(code: string): string {
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) return 'it does not speak HTTPS as asked';
  return CONNECTION_WORDS[code] ?? (code.startsWith('HPE_') ? 'what answers there does not speak HTTP' : code);
}

/** A failure of the connection, told by the system's code. */
export function connectionFailure(code: string, detail: string, proxy: string | undefined): FailedExchange {
  const certificate = CERTIFICATE_WORDS[code];
  if (certificate)
    return new FailedExchange(`cannot be trusted (${certificate[0]})`, {
      advice: certificate[1],
      mayBeDone: false,
      passing: false,
      detail,
    });
  return new FailedExchange(`cannot be reached (${connectionWords(code)})`, {
    advice: proxy === undefined ? 'check the address and the network' : 'check the proxy',
    mayBeDone: !NOTHING_LEFT.has(code),
    detail,
    who: proxy,
  });
}
