/**
 * What a PromQL expression asks for: metrics, and the labels that it matches or groups by. For the queries of this repository: no
 * full parser, and it throws at what it does not know.
 */

export interface Asked {
  readonly metrics: ReadonlySet<string>;
  readonly labels: ReadonlySet<string>;
}

const FUNCTIONS = new Set(['rate', 'increase', 'sum', 'max', 'histogram_quantile', 'label_values', 'vector']);
const WORDS = new Set(['by', 'or', 'unless', 'offset']);

export function askedOf(expression: string): Asked {
  const metrics = new Set<string>();
  const labels = new Set<string>();
  const rest = expression
    // Matchers, without what they match.
    .replaceAll(/\{([^}]*)\}/g, (_, inside: string) => {
      const names = inside.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
      for (const [, label = ''] of names.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*""/g)) labels.add(label);
      return ' ';
    })
    .replaceAll(/\bby\s*\(([^)]*)\)/g, (_, inside: string) => {
      for (const label of inside.split(',')) labels.add(label.trim());
      return ' ';
    })
    // The second argument of label_values is a label.
    .replaceAll(/(label_values\(\s*\w+)\s*,\s*(\w+)/g, (_, head: string, label: string) => {
      labels.add(label);
      return head;
    })
    // Ranges, durations and numbers.
    .replaceAll(/\[[^\]]*\]|\b\d+(\.\d+)?[a-z]*\b/g, ' ');
  for (const [, word = '', call] of rest.matchAll(/([a-zA-Z_:][\w:]*)(\s*\()?/g)) {
    if (WORDS.has(word)) continue;
    if (call === undefined) metrics.add(word);
    else if (!FUNCTIONS.has(word)) throw new Error(`unknown function ${word} in ${expression}`);
  }
  if (metrics.size === 0) throw new Error(`no metric in ${expression}`);
  return { metrics, labels };
}

/** One label's matcher, with the values that it names: of `=~` and `!~` the alternatives. */
export interface Matcher {
  readonly metric: string;
  readonly label: string;
  readonly values: readonly string[];
}

/** The matchers of an expression; those by a variable of the dashboard name no value. Throws at other patterns than `a|b`. */
export function matchersOf(expression: string): Matcher[] {
  return [...expression.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g)].flatMap(([, metric = '', inside = '']) =>
    [...inside.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(
      ([, label = '', operator = '', text = '']) => {
        const values = text.startsWith('$') ? [] : operator.endsWith('~') ? text.split('|') : [text];
        for (const value of values)
          if (operator.endsWith('~') && !/^\w+$/.test(value))
            throw new Error(`unknown pattern ${text} in ${expression}`);
        return { metric, label, values };
      },
    ),
  );
}
