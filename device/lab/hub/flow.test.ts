import { expect, test } from 'vitest';
import { hubFile } from './files.ts';

interface FlowNode {
  readonly id: string;
  readonly func?: string;
  readonly scope?: readonly string[];
  readonly wires?: readonly (readonly string[])[];
}

const nodes = new Map((JSON.parse(hubFile('node-red/flow.json')) as FlowNode[]).map((node) => [node.id, node]));

/** Runs functions of the flow over one context. */
function flow() {
  const context = new Map<string, unknown>();
  const access = {
    get: (name: string) => context.get(name),
    set: (name: string, value: unknown) => void context.set(name, value),
  };
  const run = (id: string, msg: object) => new Function('msg', 'flow', nodes.get(id)!.func!)(msg, access) as unknown;
  const availability = (device: string, payload: string) =>
    run('alert', { topic: `mien/${device}/availability`, payload });
  return { run, availability };
}

const message = (device: string, alert: string) => ({
  topic: `hub/alert/${device}`,
  payload: { device, alert, ts: expect.any(Number) },
  qos: 1,
  retain: true,
});

test('an alert is sent once, and its end only after it', () => {
  const { availability } = flow();
  expect(availability('lobby', 'online')).toBeNull();
  expect(availability('lobby', 'offline')).toEqual(message('lobby', 'offline'));
  expect(availability('lobby', 'online')).toEqual(message('lobby', 'ok'));
  expect(availability('lobby', 'online')).toBeNull();
});

test('all alerts are sent again when the broker is back, because Node-RED drops them while it is away', () => {
  const { run, availability } = flow();
  for (const device of ['lobby', 'hall']) availability(device, 'offline');
  availability('hall', 'online');
  const status = (fill: string) => run('alert-again', { status: { fill, source: { id: 'alert-out' } } });
  expect(status('red')).toBeNull();
  expect(status('green')).toEqual([[message('lobby', 'offline'), message('hall', 'ok')]]);
  expect(nodes.get('alert-status')).toMatchObject({ scope: ['alert-out'], wires: [['alert-again']] });
  expect(nodes.get('alert-again')!.wires).toEqual([['alert-out']]);
});
