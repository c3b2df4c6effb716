import { expect, test } from 'vitest';
import { serveApp } from '../../device/http/server/serve.ts';
import { silentLog } from '../../device/lab/fixtures/http-fixture.ts';
import { wcagViolations } from './axe.ts';
import { failure, openSection, setOperatorStage, showHappy } from './operator-page.ts';
import { describeInChromium } from './stage.ts';

describeInChromium('the section Now of the operator page', () => {
  const stage = setOperatorStage();

  test('says that everything is working, and shows picture, rates, stages', async () => {
    const opened = await openSection(stage, 'now');
    const { page, complaints } = opened;
    showHappy(stage, opened.made);
    await page.getByRole('heading', { name: 'Everything is working' }).waitFor();
    await page.locator('.picture[data-live=true]').waitFor();
    expect(await page.getByTestId('preview').getAttribute('data-labels')).toBe('happy');
    expect(await page.locator('.picture-note').textContent()).toBe('one face');
    await page.locator('.tile .plot canvas').first().waitFor();
    expect(await page.locator('.tile').first().textContent()).toContain('24.1 analysed');
    expect(await page.locator('.stages tbody tr').allTextContents()).toContain('detection9.6 ms16 ms');
    expect(await page.title()).toBe('Now · lobby-1 · Operator');
    expect(complaints).toEqual([]);
  });

  test('counts the parts that need attention, with the device’s own reasons', async () => {
    const { made, page } = await openSection(stage, 'now');
    await page.getByRole('heading', { name: 'Everything is working' }).waitFor();
    made.board.update('camera', { state: 'lost', reason: 'No camera at /dev/video0. Plug one in.' });
    made.board.update('governor', {
      state: 'reduced',
      fpsLimit: 15,
      reason: 'The processor is at 82 °C',
      temperatureC: 82,
    });
    made.board.update('mqtt', { state: 'offline', url: 'mqtt://broker', reason: 'connect ECONNREFUSED' });
    made.board.update('store', { outbox: { waiting: 1200, lost: 3 }, writtenMbPerDay: 31.4 });
    await page.getByRole('heading', { name: '3 things need attention' }).waitFor();
    expect(await page.getByTestId('part-camera').getAttribute('data-tone')).toBe('bad');
    expect(await page.getByTestId('part-camera').textContent()).toContain('Plug one in.');
    expect(await page.getByTestId('part-board').textContent()).toContain('82°C');
    const broker = await page.getByTestId('part-mqtt').textContent();
    expect(broker).toMatch(/records that wait: 1,200.*records lost unsent: 3/);
    expect(await page.getByTestId('part-store').textContent()).toMatch(/31.{0,3}MB.? written per day/);
    expect(await page.locator('.picture-note').textContent()).toBe('No connection to the camera');
    expect(await wcagViolations(page)).toEqual([]);
    expect(await stage.references.differs('now-attention', page)).toBeUndefined();
  });

  test('the picture can be hidden, and stays hidden', async () => {
    const { made, page } = await openSection(stage, 'now');
    await page.locator('.picture').waitFor();
    await page.getByRole('switch', { name: 'Show the picture' }).uncheck();
    await page.getByText('The picture is hidden.').waitFor();
    await page.reload();
    await page.getByText('The picture is hidden.').waitFor();
    expect(made.live.subscribers('plain') + made.live.subscribers('annotated')).toBeLessThanOrEqual(1);
  });

  test('pauses at once; restarts only after a confirmation', async () => {
    const { page, requests } = await openSection(stage, 'now', {
      answers: {
        '/control/pause': { paused: true, camera: 'online', vision: 'running' },
        '/control/restart-vision': { problem: { status: 503, detail: 'The vision process is already restarting' } },
      },
    });
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByTestId('control-result').getByText('Paused').waitFor();
    expect(requests).toContain('POST /control/pause');

    await page.getByRole('button', { name: 'Restart recognition' }).click();
    const dialog = page.getByRole('dialog', { name: 'Restart recognition?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(requests.some((each) => each.includes('restart-vision'))).toBe(false);
    await page.getByRole('button', { name: 'Restart recognition' }).click();
    expect(await wcagViolations(page)).toEqual([]);
    expect(await stage.references.differs('now-restart', page)).toBeUndefined();
    await dialog.getByRole('button', { name: 'Restart recognition' }).click();
    await failure(page).getByText('The vision process is already restarting').waitFor();
  });

  test('reports a device that does not answer, disables its controls, and recovers', async () => {
    const opened = await openSection(stage, 'now');
    const { page, made, server } = opened;
    await page.getByRole('heading', { name: 'Everything is working' }).waitFor();
    await server.stop();
    await page.getByTestId('offline').getByText('The device does not answer.').waitFor();
    expect(await page.getByRole('button', { name: 'Pause' }).isDisabled()).toBe(true);
    expect(await wcagViolations(page)).toEqual([]);
    expect(await stage.references.differs('now-offline', page)).toBeUndefined();
    const again = await serveApp(made.app, { host: '127.0.0.1', port: server.port, log: silentLog });
    stage.release.push(() => again.stop());
    await page.locator('.page[data-connected=true]').waitFor();
    expect(await page.getByTestId('offline').textContent()).toBe('');
  });
});
