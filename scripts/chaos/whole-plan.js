/** All that a run of chaos does, from one seed. */
import { leaveOut, planDisturbances } from './disturbances.js';
import { planHolds } from './hold-plan.js';
import { makePlan } from './plan.js';
import { withSources } from './source-plan.js';

/** Slow enough that uploads outlast what is done to them. */
const MS_PER_WORKFLOW = 500;
const MS_PER_KILL = 3000;

/**
 * @param options - `{workflows, kills, seed, spanMs?}`; a fifth of the workflows are holds
 * @param leftOut - kinds of disturbances
 */
export function wholePlan({ workflows, kills, seed, spanMs: asked }, leftOut) {
  const holds = Math.round(workflows / 5);
  const spanMs = asked ?? Math.max(workflows * MS_PER_WORKFLOW, kills * MS_PER_KILL);
  const base = makePlan({ workflows: workflows - holds, kills, seed, spanMs });
  const runs = withSources([...base.runs, ...planHolds({ holds, seed, spanMs })], seed);
  const plan = {
    ...base,
    ...planDisturbances({ workflows, seed, ...base }),
    runs: runs.slice(0, base.runs.length),
    holds: runs.slice(base.runs.length),
  };
  return leaveOut(plan, leftOut);
}
