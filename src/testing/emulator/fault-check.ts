/** Refuses a fault that cannot do what it says when it is added, not when a request meets it. */

import { validateHeaderName, validateHeaderValue } from 'node:http';
import { optional, readKnownFields, type Fields, type Refuse } from '../../contract/fields.js';
import type { Kind } from '../../contract/kinds.js';
import { formatValue } from '../../contract/show.js';
import type { Fault, FaultTarget, RespondFault } from './fault.js';
import { ACTIONS, ANSWER_FIELDS, FIELD_TARGETS, MATCH_FIELDS } from './fault-fields.js';
import { oneOf } from './fault-kinds.js';

type Given = Readonly<Record<string, unknown>>;

/** The emulator ends each answer by its content-length, so that these would contradict it. */
const FRAMING = /^(content-length|transfer-encoding|trailer)$/i;

const WHAT = oneOf(...Object.keys(ACTIONS));

/** Throws a RangeError for a fault with a field that is unknown or missing, that has a wrong value, or that is known to have no effect. */
export function checkFault(fault: Fault): void {
  if (typeof fault !== 'object' || fault === null) throw new RangeError('fault: expected an object');
  const given = fault as unknown as Given;
  assertKind('on', MATCH_FIELDS.on.kind, fault.on);
  assertKind('do', WHAT, fault.do);
  const action: { readonly on: readonly FaultTarget[]; readonly fields: Fields } = ACTIONS[fault.do];
  checkTarget(fault.do, action.on, fault.on);
  readKnownFields({ do: optional(WHAT), ...MATCH_FIELDS, ...action.fields }, given, refuse(fault.do));
  for (const [name, targets] of Object.entries(FIELD_TARGETS))
    if (given[name] !== undefined && given[name] !== false) checkTarget(name, targets, fault.on);
  checkTogether(fault);
}

function assertKind(name: string, kind: Kind<never, unknown>, value: unknown): void {
  const mistake = kind.mismatch(value);
  if (mistake !== undefined) throw wrongValue(name, mistake, value);
}

/** @param of - what has the fields */
function refuse(of: string): Refuse {
  return (field, mistake, value) => {
    if (mistake === 'required') return new RangeError(`fault: ${of} lacks ${field}`);
    if (mistake === 'unknown field')
      return new RangeError(`fault: ${JSON.stringify(field)} is not a field of ${of}`);
    return wrongValue(field, mistake, value);
  };
}

function wrongValue(name: string, mistake: string, value: unknown): RangeError {
  return new RangeError(`fault: ${name} ${formatValue(value)} ${mistake}`);
}

function checkTogether(fault: Fault): void {
  if (fault.do === 'respond') {
    checkAnswer(fault);
    if (fault.early && fault.work === 'after')
      throw new RangeError('fault: early has no effect with work "after"');
  }
  if (fault.do === 'stall' && fault.work === 'after' && fault.afterBytes !== undefined)
    throw new RangeError('fault: afterBytes has no effect with work "after"');
  if (fault.do === 'reset' && fault.afterBytes !== undefined && fault.afterTotalBytes !== undefined)
    throw new RangeError('fault: afterBytes has no effect with afterTotalBytes');
  if (fault.do === 'slowFinalize' && typeof fault.answer === 'object') {
    readKnownFields(ANSWER_FIELDS, fault.answer as unknown as Given, refuse('answer'));
    checkAnswer(fault.answer);
  }
}

function checkAnswer({ status, json, text, headers = {} }: Omit<RespondFault, 'do'>): void {
  if (json) checkWritable('json', () => void JSON.stringify(json));
  for (const [name, value] of Object.entries(headers)) {
    const what = `header ${JSON.stringify(name)}`;
    if (FRAMING.test(name))
      throw new RangeError(`fault: ${what}: the emulator ends the answer by its content-length`);
    checkWritable(what, () => {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    });
  }
  if (json && text !== undefined) throw new RangeError('fault: text has no effect with json');
  if ((status === 204 || status === 304) && (json || text))
    throw new RangeError(`fault: an answer with status ${status} has no body`);
}

function checkWritable(what: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new RangeError(`fault: ${what}: ${(error as Error).message}`, { cause: error });
  }
}

function checkTarget(what: string, targets: readonly FaultTarget[], on: FaultTarget): void {
  if (!targets.includes(on)) throw new RangeError(`fault: ${what} is for ${targets.join(', ')} only`);
}
