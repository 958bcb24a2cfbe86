/**
 * Files of S3 by URLs that are signed late, for what `{type: 's3'}` does not do: a key that names its bucket, say, or credentials of a user.
 * `getSignedUrl` of `@aws-sdk/s3-request-presigner` makes such URLs too.
 */

import { AwsV4Signer } from 'aws4fetch';
import type { LocateFile, S3Credentials } from 'temporal-gemini-files/worker';

export const fromS3 =
  (bucketUrl: string, region: string, credentials: () => Promise<S3Credentials>): LocateFile =>
  async (key) => {
    const path = key.split('/').map(encodeURIComponent).join('/');
    const url = `${bucketUrl}/${path}?X-Amz-Expires=3600`;
    const signer = new AwsV4Signer({ url, region, service: 's3', signQuery: true, ...(await credentials()) });
    return { url: (await signer.sign()).url.href };
  };
