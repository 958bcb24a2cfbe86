/** Headless Chromium, as Debian has it. */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

/** @returns a new page with a fixed locale, zone and colour scheme; `closers` gets what ends the browser */
export async function openPage(closers) {
  const executablePath = PATHS.find((path) => existsSync(path));
  if (executablePath === undefined)
    throw new Error(
      'Chromium is not installed: apt-get install --no-install-recommends chromium-headless-shell',
    );
  // Chromium's own sandbox does not work for root.
  const args = process.getuid() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath, args });
  closers.push(() => browser.close());
  return browser.newPage({ colorScheme: 'light', locale: 'en-US', timezoneId: 'UTC' });
}
