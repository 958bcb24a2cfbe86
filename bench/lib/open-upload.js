import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Opens a session at the provider, and returns its URL. */
export async function openUpload(url) {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const start = request(`${url}/upload/v1beta/files`, { method: 'POST' });
  start.end('{}');
  const [response] = await once(start, 'response');
  response.resume();
  await once(response, 'end');
  return response.headers['x-goog-upload-url'];
}
