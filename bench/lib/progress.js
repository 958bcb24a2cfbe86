/** For people, on stderr. */
export const say = (line) => process.stderr.write(`${line}\n`);
