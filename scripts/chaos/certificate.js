/** The certificate of the tests, which no authority has signed, and its key. */
import { readFile } from 'node:fs/promises';

const fixture = new URL('../../test/security/fixtures/self-signed.ts', import.meta.url);
export const [key, cert] = (await readFile(fixture, 'utf8')).match(/-----BEGIN[^`]+/g);
