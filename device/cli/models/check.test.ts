import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { sensitivityBelow, writeTinyModel } from '../../lab/fixtures/tiny-model.ts';
import { checkModels } from './check.ts';

const scratch = scratchFolder();

test('a model is listed with its abilities; its reference numbers are not listed as a model', async () => {
  writeTinyModel(
    scratch,
    'tiny',
    { logits: 2, fer2013: 2, reject: 1, covered: 1 },
    {
      labels: ['happy', 'sad'],
      answers: 'people',
      heads: { fer2013: { name: 'fer2013', temperature: 1 } },
      reject: { name: 'reject', threshold: 0.6 },
      covered: { name: 'covered', threshold: 0.7 },
      sensitivity: sensitivityBelow(0.3),
    },
  );
  writeTinyModel(scratch, 'plain', { logits: 2 }, { labels: ['happy', 'sad'], answers: 'fer2013' });
  writeFileSync(join(scratch, 'tiny.parity.json'), '{}');
  const models = await checkModels(scratch, 'tiny');
  const expression = models.filter(({ task }) => task === 'expression');
  expect(expression.map(({ name, state }) => [name, state]).sort()).toEqual([
    ['plain', 'ok'],
    ['tiny', 'ok'],
  ]);
  const detailOf = (name: string) => expression.find((model) => model.name === name)!.detail;
  expect(detailOf('plain')).toMatch(/^2 labels \(happy, sad\); answers fer2013; accuracy on /);
  expect(detailOf('tiny')).toMatch(
    /^2 labels \(happy, sad\); answers people, for comparison fer2013; uncertain when below 0\.3 or rejected above 0\.6 or covered above 0\.7; accuracy on /,
  );
});
