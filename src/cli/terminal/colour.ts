/** Colours: on a terminal only, and never with `NO_COLOR`. */

const CODES = { bold: [1, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const;

/** Returns the text in a colour, or as it is where there is none. */
export type Colour = (text: string, colour: keyof typeof CODES) => string;

type Env = Readonly<Record<string, string | undefined>>;

export function colourFor({ isTTY }: { readonly isTTY?: boolean }, env: Env = process.env): Colour {
  const off = !isTTY || Boolean(env.NO_COLOR) || env.TERM === 'dumb';
  return (text, colour) => {
    const [on, end] = CODES[colour];
    return off ? text : `\u001B[${on}m${text}\u001B[${end}m`;
  };
}

/** States of files and runs. What is not here has no colour. */
const COLOURS: Readonly<Record<string, keyof typeof CODES>> = {
  ACTIVE: 'green',
  COMPLETED: 'green',
  PROCESSING: 'yellow',
  RUNNING: 'yellow',
  PAUSED: 'yellow',
  FAILED: 'red',
  TERMINATED: 'red',
  TIMED_OUT: 'red',
};

/** @param text - the state as it is shown, perhaps padded */
export function stateColour(state: string, text: string, colour: Colour): string {
  const own = Object.hasOwn(COLOURS, state) ? COLOURS[state] : /^\w+Error$/.test(state) ? 'red' : undefined;
  return own === undefined ? text : colour(text, own);
}
