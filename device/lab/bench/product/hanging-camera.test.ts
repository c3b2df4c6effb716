import { afterEach, expect, test } from 'vitest';
import { HangingCamera } from './hanging-camera.ts';

let camera: HangingCamera | undefined;
afterEach(() => camera?.stop());

async function open(url: string): Promise<{ next: () => Promise<string> }> {
  const reader = (await fetch(url)).body!.getReader();
  return { next: async () => Buffer.from((await reader.read()).value ?? []).toString('latin1') };
}

test('sends its pictures in turns; when it hangs, it sends nothing on the old connection and serves a new one', async () => {
  camera = await HangingCamera.start([Buffer.from('first'), Buffer.from('second')], 50);
  const viewer = await open(camera.url);
  let received = '';
  while (!/first[\s\S]*second/.test(received)) received += await viewer.next();
  expect(received).toMatch(/--frame\r\nContent-Type: image\/jpeg\r\nContent-Length: \d\r\n\r\n(first|second)\r\n/);

  const reopened = camera.hang();
  const after = await open(camera.url);
  await reopened;
  // Bytes in flight may still arrive. Then nothing arrives, while the new connection gets four pictures.
  let old = '';
  const draining = (async () => {
    for (;;) {
      const bytes = await viewer.next();
      if (bytes === '') return;
      old += bytes;
    }
  })();
  let fresh = '';
  while ((fresh.match(/--frame/g) ?? []).length < 4) fresh += await after.next();
  expect((old.match(/--frame/g) ?? []).length).toBeLessThan(2);
  await camera.stop();
  camera = undefined;
  // The connection was reset, not ended.
  await expect(draining).rejects.toThrow();
});

test('with one deaf opening, it answers one of two', async () => {
  camera = await HangingCamera.start([Buffer.from('first')], 50);
  const reopened = camera.hang(1);
  const both = [open(camera.url), open(camera.url)];
  const answered = await Promise.race(both);
  await reopened;
  expect(await answered.next()).toContain('first');
  await camera.stop();
  camera = undefined;
  const ends = await Promise.allSettled(both);
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});
