/** Puts an object, or without a body a bucket, into a store of S3's protocol. */

import { AwsV4Signer } from 'aws4fetch';
import type { S3Credentials } from '../../src/sources/options.js';

/**
 * @param send - sends the signed request
 * @returns the status of the answer
 */
export async function putIntoS3(
  endpoint: string,
  credentials: S3Credentials,
  path: string,
  body?: Buffer,
  send = sendPlain,
): Promise<number> {
  const signer = new AwsV4Signer({
    method: 'PUT',
    url: endpoint + path,
    ...credentials,
    service: 's3',
    region: 'us-east-1',
  });
  const { url, headers } = await signer.sign();
  return send('PUT', url.href, body ?? Buffer.alloc(0), Object.fromEntries(headers));
}

async function sendPlain(
  method: string,
  url: string,
  body: Buffer,
  headers: Record<string, string>,
): Promise<number> {
  const answer = await fetch(url, { method, headers, body });
  await answer.arrayBuffer();
  return answer.status;
}

/** What a key has to keep on its way through a URL and its signature. */
export const KEYS = [
  'clip.mp4',
  'a b/c.mp3',
  'plus+and 50%.txt',
  'hash#?.txt',
  'Grüße/ä.pdf',
  '🎬.mp4',
  "brackets (1)!*'.mp4",
  'a=b&c;d.mp4',
  '%2F%20.mp4',
];
