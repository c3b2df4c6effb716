import { historySchema, pageSchema } from './history.ts';
import { type Plan, planOf } from './plan.ts';
import { sampleSchema, visitSchema } from './reading.ts';

/** Plans of the answers from the log. */
export interface ReadPlans {
  /** Plan of a page without its rows. */
  readonly page: Plan;
  readonly samples: Plan;
  readonly visits: Plan;
  readonly history: Plan;
}

/** Plain data for the reading thread. That thread starts often, so it does not load the schemas. */
export const readPlans: ReadPlans = {
  page: planOf(pageSchema),
  samples: planOf(sampleSchema),
  visits: planOf(visitSchema),
  history: planOf(historySchema),
};
