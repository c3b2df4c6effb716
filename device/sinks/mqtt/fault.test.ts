import { expect, test } from 'vitest';
import { describeError } from '../../core/errors.ts';
import { DisconnectedByBroker, explainBrokerFault } from './fault.ts';

const address = { url: 'mqtt://kiosk:s3cret@broker.local:1883', username: 'kiosk', clientId: 'mien-lobby' };
const withCode = (code: string | number) => Object.assign(new Error('x'), { code });

test.each([
  [withCode('ECONNREFUSED'), /^No broker answers at .* \(connection refused\)\. Start the broker/],
  [withCode('ENOTFOUND'), /^The host name in .* is not known\. Check mqtt\.url/],
  [withCode('EHOSTUNREACH'), /cannot be reached \(EHOSTUNREACH\)/],
  [withCode(4), /refused the user kiosk: wrong user name or password\. Check mqtt\.username/],
  [withCode(134), /refused the user kiosk: wrong user name or password\. Check mqtt\.username/],
  [withCode(135), /refused the user kiosk: not authorized/],
  [withCode(133), /refused the client id mien-lobby/],
  [new DisconnectedByBroker(142), /^Another client took over the client id mien-lobby .* its own device\.name/],
  [withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), /^No secure connection to .* clock/],
  [new Error('connack timeout'), /^No MQTT connection to .* \(connack timeout\)/],
  [undefined, /closed the connection\. Check that a broker listens there/],
])('%s becomes one line with a remedy and without a password', (error, expected) => {
  const text = describeError(explainBrokerFault(error, address));
  expect(text).toMatch(expected);
  expect(text).not.toContain('s3cret');
  expect(text).not.toContain('\n');
});

test('the message for a client without a user name says so', () => {
  expect(explainBrokerFault(withCode(5), { url: 'mqtt://h', clientId: 'c' }).message).toMatch(
    /refused a client without user name/,
  );
});
