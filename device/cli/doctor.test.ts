import { expect, test } from 'vitest';
import { TestFolder } from '../lab/fixtures/scratch.ts';
import { withCredentials } from './doctor.ts';

const folder = new TestFolder();

test('root checks the file of the service with the credentials of the service', () => {
  const file = folder.write('mien.yaml', '');
  const environment = (named: string | undefined, env = {}, isRoot = true) =>
    withCredentials(env, named, folder.path, isRoot, file);
  expect(environment(undefined)).toEqual({ CREDENTIALS_DIRECTORY: folder.path });
  expect(environment(file)).toEqual({ CREDENTIALS_DIRECTORY: folder.path });
  expect(environment('other.yaml')).toEqual({});
  expect(environment(file, { CREDENTIALS_DIRECTORY: '/run/own' })).toEqual({ CREDENTIALS_DIRECTORY: '/run/own' });
  expect(environment(file, {}, false)).toEqual({});
});
