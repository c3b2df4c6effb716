import { expect, test } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { privacyNotice } from './privacy.ts';

const codes = (input: object) => privacyNotice(configSchema.parse(input)).items.map(({ code }) => code);

test('the notice names the data sent, the broker, and the days that rows are kept', () => {
  const { items } = privacyNotice(
    configSchema.parse({ store: { retentionDays: 7 }, mqtt: { url: 'mqtts://me:secret@broker.example:8883' } }),
  );
  expect(items.find(({ code }) => code === 'samples-logged')).toMatchObject({ params: { seconds: 1, days: 1 } });
  const paramsOf = (input: object, wanted: string) =>
    privacyNotice(configSchema.parse({ store: input })).items.find(({ code }) => code === wanted)?.params;
  expect(paramsOf({}, 'samples-logged')).toEqual({ seconds: 1, days: 1 });
  expect(paramsOf({ visitsDays: 3 }, 'visits-logged')).toEqual({ days: 3 });
  expect(paramsOf({ visitsDays: 3 }, 'copies-kept')).toEqual({ days: 3 });
  expect(paramsOf({}, 'sums-logged')).toEqual({ minutesDays: 90, hoursDays: 1825 });
  expect(paramsOf({ retentionDays: 7 }, 'sums-logged')).toEqual({ minutesDays: 7, hoursDays: 7 });
  expect(items.find(({ code }) => code === 'readings-sent')).toMatchObject({ params: { to: 'broker.example:8883' } });
  expect(JSON.stringify(items)).not.toContain('secret');
});

test('the notice states nothing that the configuration does not do', () => {
  expect(codes({ mqtt: { enabled: false } })).toContain('nothing-sent');
  expect(codes({})).not.toContain('nothing-sent');
  expect(codes({})).toContain('seen-here-only');
  expect(codes({ mqtt: { snapshots: true } })).toContain('pictures-sent');
  expect(codes({ mqtt: { snapshots: true } })).not.toContain('readings-sent');
  expect(codes({ mqtt: { snapshots: true, commands: false } })).toContain('readings-sent');
  const exposed = { http: { host: '0.0.0.0', token: 'x'.repeat(43) } };
  expect(codes(exposed)).toContain('seen-over-network');
  expect(codes(exposed)).not.toContain('seen-here-only');
});
