import { describe, expect, it } from 'vitest';
import { checkConfiguration } from '../../src/cli/doctor/settings.js';
import { checkSources } from '../../src/cli/doctor/sources.js';
import { toWorkerOptions } from '../../src/cli/worker/settings-of-flags.js';
import { resolveSettings } from '../../src/worker/internal.js';

describe('a permitted origin that is not asked, because its address is not public', () => {
  const check = async () => {
    const settings = resolveSettings({
      apiKey: 'any',
      sources: { https: { allowedOrigins: ['https://127.0.0.1:1'] } },
    });
    const checks = await checkSources(settings, { offline: false, files: [] });
    return checks.find(({ name }) => name === 'source https://127.0.0.1:1');
  };

  it('fails with the reason, which is not that nobody answered', async () => {
    expect(await check()).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^The address of 127\.0\.0\.1 is not public\./) as string,
    });
  });

  it('has advice for the address: the origin is permitted already', async () => {
    expect(await check()).toMatchObject({ fix: expect.stringContaining('allowedAddresses') as string });
  });
});

it.each([['http://media.example.com'], ['https://anna:s3cret@media.example.com']])(
  'a wrong origin is reported by its flag: %s',
  (origin) => {
    const flags = toWorkerOptions({ allowOrigin: [origin], taskQueue: 'gemini-files' });
    const { check, settings } = checkConfiguration(flags);
    expect(check).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^Invalid flag --allow-origin: expected /) as string,
      fix: 'Correct --allow-origin.',
    });
    expect(JSON.stringify(check)).not.toContain('s3cret');
    expect(settings).toBeUndefined();
  },
);
