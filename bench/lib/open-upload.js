import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** `request` of the module for this URL. */
export const requestOf = (url) => (url.startsWith('https:') ? httpsRequest : httpRequest);

/** Opens a session at the provider, and returns its URL. */
export async function openUpload(url) {
  const start = requestOf(url)(`${url}/upload/v1beta/files`, { method: 'POST' });
  start.end('{}');
  const [response] = await once(start, 'response');
  response.resume();
  await once(response, 'end');
  return response.headers['x-goog-upload-url'];
}
