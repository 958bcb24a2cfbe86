/** The API key of the environment, as the package's worker finds it: the first that is set. Google's own SDK prefers the other. */
export function environmentKey(): string | undefined {
  const { GEMINI_API_KEY, GOOGLE_API_KEY } = process.env;
  return [GEMINI_API_KEY, GOOGLE_API_KEY].map((key) => key?.trim()).find((key) => key);
}
