/** Runs properties: prints the seed, accepts one, and counts the cases. */

import fc from 'fast-check';

/** `FUZZ_SEED` repeats a run. */
export const SEED = process.env.FUZZ_SEED
  ? Number(process.env.FUZZ_SEED)
  : Math.floor(Math.random() * 2 ** 31);

/** `FUZZ_SCALE=10` makes ten times as many cases. The unit tests make a tenth, and `npm run test:release` all (`vitest.config.ts`). */
export const SCALE = Number(process.env.FUZZ_SCALE ?? 1);
if (!(SCALE > 0)) throw new Error('FUZZ_SCALE has to be a number above 0');

let made = 0;

/** Cases so far, of all properties. */
export const casesMade = () => made;

/** Runs `property` on `cases` values; a counterexample is minimized and printed with the seed and the path that repeat it. */
export async function holds<T>(
  cases: number,
  values: fc.Arbitrary<T>,
  property: (value: T) => unknown,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      made += 1;
      await property(value);
    }),
    { seed: SEED, numRuns: Math.ceil(cases * SCALE), verbose: false },
  );
}

/** Any value of JSON, or of a caller in JavaScript. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue() },
  { weight: 2, arbitrary: fc.string({ unit: 'binary' }) },
  fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withSparseArray: true }),
  fc.constantFrom<unknown>(
    NaN,
    Infinity,
    -Infinity,
    -0,
    2 ** 53,
    '9223372036854775807',
    '\ud800',
    'a\0b',
    Symbol.iterator,
  ),
);
