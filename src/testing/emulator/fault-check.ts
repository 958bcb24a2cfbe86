/** Refuses what is not a fault when it is added, not when a request meets it. */

import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Fault, FaultTarget, RespondFault, ShowLateFault, SlowFinalizeFault } from './fault.js';

const TARGETS: Readonly<Record<FaultTarget, true>> = {
  start: true,
  upload: true,
  finalize: true,
  query: true,
  cancel: true,
  multipart: true,
  get: true,
  list: true,
  delete: true,
  generateContent: true,
  streamGenerateContent: true,
  countTokens: true,
  listModels: true,
  getModel: true,
  '*': true,
};

const ACTIONS: Readonly<Record<Fault['do'], true>> = {
  respond: true,
  inform: true,
  delay: true,
  stall: true,
  reset: true,
  loseAnswer: true,
  cutAnswer: true,
  expireSession: true,
  terminateSession: true,
  cancelSession: true,
  rollBack: true,
  reportOffset: true,
  stripUploadHeaders: true,
  omitState: true,
  wrongHash: true,
  pace: true,
  slowFinalize: true,
  showLate: true,
};

const SWITCHES = {
  query: { active: true, wait: true, refuse: true },
  cancel: { refuse: true, ignore: true, stop: true },
  finalize: { refuse: true, wait: true },
} as const;

/** Throws a RangeError for an unknown target or action, a bad count, and an answer that cannot be sent. */
export function checkFault(fault: Fault): void {
  if (typeof fault !== 'object' || fault === null) throw new RangeError('fault: expected an object');
  const { times = 1, skip = 0 } = fault;
  checkKnown('on', fault.on, TARGETS);
  checkKnown('do', fault.do, ACTIONS);
  if (times !== 'always' && !(times >= 1)) throw new RangeError(`fault: times ${times} is below 1`);
  if (!(skip >= 0)) throw new RangeError(`fault: skip ${skip} is below 0`);
  if (fault.do === 'respond') checkAnswer(fault);
  if (fault.do === 'inform' && ![100, 102, 103].includes(fault.status))
    throw new RangeError(`fault: status ${fault.status} is not 100, 102 or 103`);
  if (fault.do === 'slowFinalize' || fault.do === 'showLate') checkFinalize(fault);
}

function checkFinalize(fault: Fault & (SlowFinalizeFault | ShowLateFault)): void {
  if (fault.on !== 'finalize') throw new RangeError(`fault: ${fault.do} is for finalize only`);
  if (!(fault.ms >= 0)) throw new RangeError(`fault: ms ${fault.ms} is below 0`);
  if (fault.do !== 'slowFinalize') return;
  for (const [name, known] of Object.entries(SWITCHES)) {
    const value = fault[name as keyof typeof SWITCHES];
    if (value !== undefined) checkKnown(name, value, known);
  }
  const { answer = 'outcome', answerAfterMs = 0, visibleAfterMs = 0 } = fault;
  if (typeof answer === 'object') checkAnswer(answer);
  else checkKnown('answer', answer, { outcome: true, reset: true });
  for (const ms of [answerAfterMs, visibleAfterMs])
    if (!(ms >= 0)) throw new RangeError(`fault: ms ${ms} is below 0`);
}

function checkAnswer({ status, headers = {} }: Pick<RespondFault, 'status' | 'headers'>): void {
  if (!Number.isInteger(status) || status < 200 || status > 999)
    throw new RangeError(`fault: status ${status} is not a whole number from 200 to 999`);
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (error) {
      throw new RangeError(`fault: header ${JSON.stringify(name)}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

function checkKnown(field: string, value: string, known: object): void {
  if (Object.hasOwn(known, value)) return;
  throw new RangeError(
    `fault: ${field} ${JSON.stringify(value)} is none of ${Object.keys(known).join(', ')}`,
  );
}
