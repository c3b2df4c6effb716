import { expect, test } from 'vitest';
import { screenEnvironment } from './environment.ts';

test('the browser receives the session of the screen, and no secret or socket of the service', () => {
  const session = { PATH: '/usr/bin', LANG: 'de_DE.UTF-8', XDG_SEAT: 'seat0', XDG_VTNR: '1', WLR_BACKENDS: 'drm' };
  const private_ = {
    NOTIFY_SOCKET: '/run/systemd/notify',
    CREDENTIALS_DIRECTORY: '/run/credentials/mien-kiosk.service',
    MIEN_HTTP_TOKEN: 'secret',
    NODE_OPTIONS: '--inspect',
    LISTEN_FDS: '1',
    WATCHDOG_USEC: '10000000',
    MALLOC_ARENA_MAX: '2',
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/0/bus',
    HOME: '/home/somebody',
    XDG_RUNTIME_DIR: '/run/user/998',
  };
  expect(screenEnvironment({ ...session, ...private_ }, '/run/mien-kiosk/screen')).toEqual({
    ...session,
    HOME: '/run/mien-kiosk/screen',
    XDG_RUNTIME_DIR: '/run/mien-kiosk/screen',
    COG_PLATFORM_WL_VIEW_FULLSCREEN: '1',
  });
});
