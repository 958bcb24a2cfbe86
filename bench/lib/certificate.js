/** The certificate of the tests for this machine, and its key. A program trusts it if it starts with `NODE_EXTRA_CA_CERTS`. */
import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../../test/security/fixtures/self-signed.ts', import.meta.url), 'utf8');
export const [key, cert] = text.match(/-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/g);
