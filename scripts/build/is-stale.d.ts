export function isStale(root: string, sources: readonly string[], last: string): boolean;
