/** Files of Azure: the worker signs a URL for each attempt. Of `@azure/storage-blob`: a `ContainerClient`, and `BlobSASPermissions.parse('r')`. */

import type { LocateFile } from 'temporal-gemini-files/worker';

interface Container<Permissions> {
  getBlobClient(key: string): {
    generateSasUrl(options: { permissions: Permissions; expiresOn: Date }): Promise<string>;
  };
}

export const fromAzure =
  <Permissions>(container: Container<Permissions>, permissions: Permissions): LocateFile =>
  async (key) => {
    const expiresOn = new Date(Date.now() + 3_600_000);
    return { url: await container.getBlobClient(key).generateSasUrl({ permissions, expiresOn }) };
  };
