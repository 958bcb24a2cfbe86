/** Files of Google Cloud Storage: the worker signs a URL for each attempt. `new Storage().bucket('media')` of `@google-cloud/storage` is a bucket. */

import type { LocateFile } from 'temporal-gemini-files/worker';

interface Bucket {
  file(key: string): {
    getSignedUrl(options: { version: 'v4'; action: 'read'; expires: number }): Promise<[string]>;
  };
}

export const fromGoogleCloud =
  (bucket: Bucket): LocateFile =>
  async (key) => {
    const expires = Date.now() + 3_600_000;
    const [url] = await bucket.file(key).getSignedUrl({ version: 'v4', action: 'read', expires });
    return { url };
  };
