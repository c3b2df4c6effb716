import { historySchema, pageSchema } from './history.ts';
import { type Plan, planOf } from './plan.ts';
import { sampleSchema, visitSchema } from './reading.ts';

/** What the answers from the log let out. */
export interface ReadPlans {
  /** Of a page, without its rows. */
  readonly page: Plan;
  readonly samples: Plan;
  readonly visits: Plan;
  readonly history: Plan;
}

/** As data, for the reading thread, which starts often and therefore does not load the schemas. */
export const readPlans: ReadPlans = {
  page: planOf(pageSchema),
  samples: planOf(sampleSchema),
  visits: planOf(visitSchema),
  history: planOf(historySchema),
};
