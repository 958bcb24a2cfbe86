/** Refuses a fault that cannot do what it says when it is added, not when a request meets it. */

import { findUnknownField } from '../../contract/fields.js';
import type { Fault, FaultTarget } from './fault.js';
import {
  ACTIONS,
  ANSWER_FIELDS,
  FIELD_TARGETS,
  MATCH_FIELDS,
  TARGETS,
  type FaultField,
} from './fault-fields.js';
import { oneOf } from './fault-kinds.js';

type Given = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, FaultField>>;

/** Throws a RangeError for a fault with a field that is unknown or missing, that has a wrong value, or that is known to have no effect. */
export function checkFault(fault: Fault): void {
  if (typeof fault !== 'object' || fault === null) throw new RangeError('fault: expected an object');
  const given = fault as unknown as Given;
  oneOf(TARGETS)(fault.on, 'on');
  oneOf(ACTIONS)(fault.do, 'do');
  const action: { readonly on: readonly FaultTarget[]; readonly fields: Fields } = ACTIONS[fault.do];
  checkFields(MATCH_FIELDS, given, fault.do);
  checkTarget(fault.do, action.on, fault.on);
  checkKnown({ do: true, ...MATCH_FIELDS, ...action.fields }, given, fault.do);
  checkFields(action.fields, given, fault.do);
  for (const [name, targets] of Object.entries(FIELD_TARGETS))
    if (given[name] !== undefined && given[name] !== false) checkTarget(name, targets, fault.on);
  checkTogether(fault);
}

function checkTogether(fault: Fault): void {
  if (fault.do === 'respond') {
    checkBody(fault);
    if (fault.early && fault.work === 'after')
      throw new RangeError('fault: early has no effect with work "after"');
  }
  if (fault.do === 'stall' && fault.work === 'after' && fault.afterBytes !== undefined)
    throw new RangeError('fault: afterBytes has no effect with work "after"');
  if (fault.do === 'reset' && fault.afterBytes !== undefined && fault.afterTotalBytes !== undefined)
    throw new RangeError('fault: afterBytes has no effect with afterTotalBytes');
  if (fault.do === 'slowFinalize' && typeof fault.answer === 'object') {
    const answer = fault.answer as unknown as Given;
    checkKnown(ANSWER_FIELDS, answer, 'answer');
    checkFields(ANSWER_FIELDS, answer, 'answer');
    checkBody(fault.answer);
  }
}

function checkBody({ status, json, text }: { status: number; json?: object; text?: string }): void {
  if (json && text !== undefined) throw new RangeError('fault: text has no effect with json');
  if ((status === 204 || status === 304) && (json || text))
    throw new RangeError(`fault: an answer with status ${status} has no body`);
}

function checkKnown(fields: object, given: Given, of: string): void {
  const unknown = findUnknownField(fields, given);
  if (unknown !== undefined)
    throw new RangeError(`fault: ${JSON.stringify(unknown)} is not a field of ${of}`);
}

/** A field that is undefined counts as not given. */
function checkFields(fields: Fields, given: Given, of: string): void {
  for (const [name, { kind, required }] of Object.entries(fields)) {
    const value = given[name];
    if (value !== undefined) kind(value, name);
    else if (required) throw new RangeError(`fault: ${of} lacks ${name}`);
  }
}

function checkTarget(what: string, targets: readonly FaultTarget[], on: FaultTarget): void {
  if (!targets.includes(on)) throw new RangeError(`fault: ${what} is for ${targets.join(', ')} only`);
}
