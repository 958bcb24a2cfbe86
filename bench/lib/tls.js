/** A certificate for 127.0.0.1 that the benchmark's programs trust; its key protects nothing. */
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(`../tls/${name}.pem`, import.meta.url));

export const CERTIFICATE = path('certificate');
export const KEY = path('key');

/** The environment of a program that trusts it. */
export const TRUST = { NODE_EXTRA_CA_CERTS: CERTIFICATE };
