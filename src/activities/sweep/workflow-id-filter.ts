/**
 * Characters that mean themselves in a list filter, whatever the visibility store. No escaping makes the others safe: by
 * trial on server 1.32 with SQLite, an id with a backslash, a double quote or a control character is found by no
 * comparison, because the server escapes the parsed value once more, and NUL fails the request.
 */
const PLAIN = /^[\p{L}\p{N}_.:/@+=,~ -]*/u;

/**
 * A list filter that matches the runs of a workflow id, and maybe others: compare the id of each run that is listed.
 * Only plain characters of the id get into the filter, so the id cannot change what the filter means.
 *
 * @returns undefined if the id begins with a character that is not plain: then every run has to be listed
 */
export function workflowIdFilter(workflowId: string): string | undefined {
  const [plain = ''] = PLAIN.exec(workflowId) ?? [];
  if (plain === '') return undefined;
  return plain === workflowId ? `WorkflowId = '${plain}'` : `WorkflowId STARTS_WITH '${plain}'`;
}
