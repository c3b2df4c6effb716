import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { voteColumns } from '../../classify/card.ts';
import { scratchFolder } from '../../test/scratch.ts';
import { writeTinyModel } from '../../test/tiny-model.ts';
import { checkModels } from './check.ts';

const scratch = scratchFolder();

test('a model is listed with what it can do; the reference numbers beside its card are no model', async () => {
  writeTinyModel(
    scratch,
    'tiny',
    { logits: 2, votes: 10, reject: 1 },
    {
      labels: ['happy', 'sad'],
      votes: { name: 'votes', labels: [...voteColumns], temperature: 1 },
      reject: { name: 'reject', threshold: 0.6 },
      uncertain: { below: 0.3 },
    },
  );
  writeTinyModel(scratch, 'plain', { logits: 2 }, { labels: ['happy', 'sad'] });
  writeFileSync(join(scratch, 'tiny.parity.json'), '{}');
  const models = await checkModels(scratch, 'tiny');
  const expression = models.filter(({ task }) => task === 'expression');
  expect(expression.map(({ name, state }) => [name, state]).sort()).toEqual([
    ['plain', 'ok'],
    ['tiny', 'ok'],
  ]);
  const detailOf = (name: string) => expression.find((model) => model.name === name)!.detail;
  expect(detailOf('plain')).toMatch(/^2 labels \(happy, sad\); accuracy on /);
  expect(detailOf('tiny')).toMatch(
    /^2 labels \(happy, sad\); FER\+'s votes; uncertain when below 0\.3 or rejected above 0\.6; accuracy on /,
  );
});
