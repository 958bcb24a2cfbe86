import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of a page of this package's documentation, from the working directory if the page is below it. */
export function docPage(name: string): string {
  // Both src/cli and dist/cli are two folders below the package's root.
  const page = fileURLToPath(new URL(`../../docs/${name}.md`, import.meta.url));
  try {
    const fromHere = relative(process.cwd(), page);
    return fromHere.startsWith('..') || isAbsolute(fromHere) ? page : fromHere;
  } catch {
    // The working directory was removed.
    return page;
  }
}
