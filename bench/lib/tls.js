/** The certificate of the tests for this machine, which no authority has signed, and its key, which protects nothing. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(`../../test/support/tls/${name}.pem`, import.meta.url));

const CERTIFICATE = path('certificate');

/** For a server. */
export const identity = { cert: readFileSync(CERTIFICATE), key: readFileSync(path('key')) };

/** The environment of a program that trusts it. */
export const TRUST = { NODE_EXTRA_CA_CERTS: CERTIFICATE };
