/** TLS errors that another try does not change, and what a person can do about each. */

interface TlsProblem {
  /** Node's code of the error, or OpenSSL's words in it. */
  readonly signs: RegExp;
  /** `{url}` stands for what names the server. */
  readonly advice: string;
}

const TRUST =
  'If a proxy or an antivirus inspects TLS here, Node.js has to be told its CA: set NODE_EXTRA_CA_CERTS=/path/to/ca.pem, or ' +
  'NODE_OPTIONS=--use-system-ca (Node.js 22.15, 23.9 and later), and start the process again';

/** In this order: the first that fits. Codes are those of node:tls for https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/. */
const PROBLEMS: readonly TlsProblem[] = [
  {
    signs:
      /\b(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_UNTRUSTED|CERT_REJECTED|INVALID_CA|INVALID_PURPOSE|CERT_CHAIN_TOO_LONG|PATH_LENGTH_EXCEEDED)\b/,
    advice: `The certificate is not of a CA that Node.js trusts. ${TRUST}`,
  },
  {
    signs: /\b(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|ERROR_IN_CERT_NOT_(BEFORE|AFTER)_FIELD)\b/,
    advice:
      "The certificate is not valid today. Check this machine's clock; if it is right, whoever runs the server or the proxy has to renew the certificate",
  },
  {
    signs: /\b(ERR_TLS_CERT_ALTNAME_INVALID|ERR_TLS_CERT_ALTNAME_FORMAT|HOSTNAME_MISMATCH)\b/,
    advice: 'The certificate is that of another host. Check {url}; a login page of a network also answers so',
  },
  {
    signs:
      /\b(CERT_REVOKED|CERT_SIGNATURE_FAILURE|UNABLE_TO_DECRYPT_CERT_SIGNATURE|UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY|UNABLE_TO_GET_CRL|CRL_\w+|ERROR_IN_CRL_\w+|UNABLE_TO_DECRYPT_CRL_SIGNATURE)\b/,
    advice: 'The certificate is revoked or damaged. Whoever runs the server or the proxy has to replace it',
  },
  {
    signs: /\b(wrong version number|packet length too long)\b/i,
    advice:
      'What answered does not speak TLS. Check {url} and its port; an http proxy is written as http://host:port, also in HTTPS_PROXY',
  },
  {
    signs:
      /\b(alert protocol version|unsupported protocol|alert handshake failure|no shared cipher|alert insufficient security|(dh|ee|ca) key too small|ca md too weak|unsafe legacy renegotiation disabled)\b/i,
    advice: 'The server and Node.js have no TLS version or cipher in common. Check {url} and the proxy',
  },
  {
    signs:
      /\b(certificate required|alert bad certificate|alert unknown ca|alert access denied|alert unrecognized name)\b/i,
    advice:
      'The server wants a client certificate or another name, which this package does not send. Check {url}',
  },
];

/**
 * What the user can do about `error`; undefined if it is another kind of error, which a retry may resolve.
 *
 * @param url - in words, what to check if another server than the intended one seems to answer, such as `the base URL`
 */
export function tlsAdvice(error: unknown, url = 'the base URL'): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  // All codes of TLS but one have several words; those of sockets and name servers have one.
  if (typeof code !== 'string' || !/_|^EPROTO$/.test(code)) return undefined;
  // `ERR_SSL_WRONG_VERSION_NUMBER` and `wrong version number` are the same sign.
  const words = `${code} ${code.replace(/^ERR_SSL_/, '').replaceAll('_', ' ')} ${error.message}`;
  return PROBLEMS.find(({ signs }) => signs.test(words))?.advice.replace('{url}', url);
}

/** OpenSSL's words in the message of an error, which has numbers and file names around them. */
export function tlsReason(message: string): string | undefined {
  return /SSL routines:[^:]*:([^:]+):/.exec(message)?.[1];
}
