import { conditionFamilies } from './families/condition.ts';
import { deliveryFamilies } from './families/delivery.ts';
import { processFamilies } from './families/processes.ts';
import { visionFamilies } from './families/vision.ts';
import type { Family } from './family.ts';

/** Every metric, in the order of the page. README.md has the same table. */
export const families: readonly Family[] = [
  ...conditionFamilies,
  ...visionFamilies,
  ...deliveryFamilies,
  ...processFamilies,
];
