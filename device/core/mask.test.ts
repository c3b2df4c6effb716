import { expect, test } from 'vitest';
import { createMask, maskAddress, maskUrls } from './mask.ts';

test.each([
  ['rtsp://admin:hunter2@10.0.0.7:554/stream', 'rtsp://***@10.0.0.7:554/stream'],
  ['RTSP://admin:hunter2@host/1', 'RTSP://***@host/1'],
  ['mqtts://hunter2@host', 'mqtts://***@host'],
  ['rtsp://:hunter2@host', 'rtsp://***@host'],
  // Passwords as people write them, unescaped.
  ['rtsp://admin:hunter/2@host/1', 'rtsp://***@host/1'],
  ['rtsp://admin:12#hunter2@host', 'rtsp://***@host'],
  ['rtsp://admin:12?hunter2@host/1', 'rtsp://***@host/1'],
  ['rtsp://admin:hunter2@34@host', 'rtsp://***@host'],
  ['rtsp://admin:hunter"2@host', 'rtsp://***@host'],
  // Passwords where cameras take them.
  ['http://cam/v.cgi?user=admin&pwd=hunter2', 'http://cam/v.cgi?***'],
  ["http://cam/v.cgi?pwd='hunter2'", "http://cam/v.cgi?***'"],
  ['http://cam/v.cgi?user=a@b&pwd=hunter2', 'http://***@b&***'],
  ['http://u:hunter2@cam/v?pwd=hunter2#hunter2', 'http://***@cam/v?***'],
  ['http://cam/v#token=hunter2', 'http://cam/v#***'],
  ['rtsp://10.0.0.7:554/user=admin_password=hunter2_channel=1.sdp', 'rtsp://10.0.0.7:554/user=***'],
  ['rtsp://10.0.0.7/live&pwd=hunter2', 'rtsp://10.0.0.7/live&***'],
  ['rtsp://10.0.0.7/live;pwd:hunter2', 'rtsp://10.0.0.7/live;***'],
])('%s is shown as %s', (text, shown) => {
  expect(maskUrls(text)).toBe(shown);
  expect(maskUrls(shown)).toBe(shown);
});

test.each([
  ['Cannot open rtsp://u:p@cam/1. Check the address', 'Cannot open rtsp://***@cam/1. Check the address'],
  ['No video from http://cam/v?pwd=x (me@here says so)', 'No video from http://cam/v?*** (me@here says so)'],
  ['stream (http://cam/v?pwd=x), opened', 'stream (http://cam/v?***), opened'],
  ['got "ftp://me:p@broker", expected mqtt://', 'got "ftp://***@broker", expected mqtt://'],
  ['mqtt://host:1883; and\nrtsp://:p@h', 'mqtt://host:1883; and\nrtsp://***@h'],
  ['/data/clip.mp4?x=1 of me@here', '/data/clip.mp4?x=1 of me@here'],
  ['http://[::1]:8080/live', 'http://[::1]:8080/live'],
])('the text around stays: %s', (text, shown) => expect(maskUrls(text)).toBe(shown));

test.each([
  ['rtsp://admin:hun ter2@10.0.0.7:554/stream', 'rtsp://***@10.0.0.7:554/***'],
  ['rtsp://10.0.0.7/hunter2/live', 'rtsp://10.0.0.7/***'],
  ['rtsp://[fe80::1]:554/user=admin_password=hunter2', 'rtsp://[fe80::1]:554/***'],
  ['http://cam?pwd=hunter2', 'http://cam/***'],
  ['http://cam/v?mail=me@hunter2', 'http://***'],
  ['rtsp://admin:hunter/2@cam/1', 'rtsp://***'],
  ['rtsp://cam;pwd:hunter2', 'rtsp://***'],
  [' rtsp://admin:hunter2@cam/1', ' rtsp://***@cam/***'],
  ['rtsp:/admin:hunter2@cam/1', 'rtsp:/***@cam/***'],
  ['HTTP:admin:hunter2@cam', 'HTTP:***@cam'],
  ['mqtt://broker.local:1883', 'mqtt://broker.local:1883'],
  ['http://cam/', 'http://cam/'],
  ['/dev/v4l/by-id/usb-046d_HD-video-index0', '/dev/v4l/by-id/usb-046d_HD-video-index0'],
  ['still:/dev/video0', 'still:/dev/video0'],
])('the address %s is shown as %s', (address, shown) => {
  expect(maskAddress(address)).toBe(shown);
  expect(maskAddress(shown)).toBe(shown);
});

test('known secrets are masked in any text, in the spellings of the user and of libraries', () => {
  const mask = createMask(
    ['rtsp://admin:hun ter2@10.0.0.7/live/s3cret', 'mqtt://kiosk:p%40ssword@broker'],
    ['tok-en-1234'],
  );
  expect(mask('[rtsp @ 0x1] method DESCRIBE failed for rtsp://admin:hun ter2@10.0.0.7/live/s3cret: 401')).toBe(
    '[rtsp @ 0x1] method DESCRIBE failed for rtsp://***@10.0.0.7/***: 401',
  );
  expect(mask('cannot open rtsp://admin:hun%20ter2@10.0.0.7/live/s3cret.')).toBe(
    'cannot open rtsp://***@10.0.0.7/***.',
  );
  expect(mask('10.0.0.7/live/s3cret does not answer')).toBe('10.0.0.7/*** does not answer');
  expect(mask('refused: password hun ter2, p@ssword, tok-en-1234')).toBe('refused: password ***, ***, ***');
  expect(mask('No camera at /dev/video7. List them with: mien devices')).toBe(
    'No camera at /dev/video7. List them with: mien devices',
  );
});
