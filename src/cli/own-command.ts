/** How the user started this tool, so that a command that is printed can be pasted. */

const NAME = 'temporal-gemini-files';

/** `npx temporal-gemini-files` if npx started it, because then the name alone is perhaps not on the PATH. */
export function ownCommand(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env.npm_command === 'exec' ? `npx ${NAME}` : NAME;
}
