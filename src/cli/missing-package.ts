/** A package that this tool is built on, and that is not installed. Loads nothing: it explains why the rest does not load. */

const INSTALL =
  'npm install temporal-gemini-files @google/genai @temporalio/client @temporalio/worker @temporalio/workflow';

/** What Node.js says, and Yarn's Plug'n'Play. */
const MESSAGES = [/^Cannot find package '([^']+)'/, /tried to access (\S+) \(a peer dependency\)/];

/** @returns what is missing and what to do, or undefined for an error of another kind */
export function missingPackageProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const name = MESSAGES.map((pattern) => pattern.exec(error.message)?.[1]).find(Boolean);
  if (name === undefined) return undefined;
  return (
    `temporal-gemini-files needs the package ${name}, which is not installed. Yarn and \`yarn dlx\` install no peer dependencies: ` +
    `name all of them, as in ${INSTALL}`
  );
}
