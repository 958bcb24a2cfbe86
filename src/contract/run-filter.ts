/** Temporal's list filter for the runs of these workflow types. */
export const runsOfTypes = (types: readonly string[]): string =>
  `WorkflowType IN (${types.map((type) => `'${type}'`).join(', ')})`;
