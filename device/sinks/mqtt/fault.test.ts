import { expect, test } from 'vitest';
import { describeError } from '../../core/errors.ts';
import { brokerCode, DisconnectedByBroker, explainBrokerFault, Unacknowledged } from './fault.ts';

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
  [withCode(139), /^The broker at .* is not available .* tries again every few seconds/],
  [withCode('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'), /^No secure connection to .* clock/],
  [
    withCode('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
    /signed by an unknown authority .* Set mqtt\.tls\.ca \(MIEN_MQTT_TLS_CA\)/,
  ],
  [
    new Unacknowledged('no acknowledgement within 25 s'),
    /is silent \(no acknowledgement within 25 s\)\. Check the log/,
  ],
  [new Error('Keepalive timeout'), /^The connection to .* went silent .* Check the network/],
  [new Error('Unexpected server response: 404'), /refused the WebSocket .* Check the path in mqtt\.url/],
  [new Error('connack timeout'), /^No answer of a broker at .* \(connack timeout\)\. Check the network, a firewall/],
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

test.each([
  [withCode('ECONNREFUSED'), 'broker-unreachable'],
  [undefined, 'broker-unreachable'],
  [new DisconnectedByBroker(139), 'broker-unreachable'],
  [withCode(137), 'broker-unreachable'],
  [withCode(135), 'broker-refused'],
  [new DisconnectedByBroker(142), 'broker-refused'],
  [withCode('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'broker-refused'],
  [withCode('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'broker-untrusted'],
  [withCode('CERT_HAS_EXPIRED'), 'broker-untrusted'],
])('the code of %s is %s', (error, code) => {
  expect(brokerCode(error)).toBe(code);
});
