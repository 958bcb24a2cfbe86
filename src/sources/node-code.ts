/** Whether Node itself threw it, such as `ERR_INVALID_STATE` of a stream that was closed meanwhile: such a race can pass by itself. */
export function hasNodeCode(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' && code.startsWith('ERR_');
}
