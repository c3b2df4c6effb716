import { deviceStateSchema, healthStatus } from '../../../contract/state.ts';
import { throttleCauses } from '../../../core/codes.ts';
import { type Family, flag, one, oneOf } from '../family.ts';

const states = deviceStateSchema.shape;
/** Parts of the state board that report faults with a code. */
const faultyParts = ['camera', 'vision', 'governor', 'store', 'mqtt'] as const;

/** Identity of the device, and the state of its parts. */
export const conditionFamilies: readonly Family[] = [
  {
    type: 'gauge',
    name: 'mien_build_info',
    help: 'Always 1. Version of Mien, and the id of the model in use with its precision; empty until it is loaded.',
    labels: ['version', 'model', 'precision'],
    read: ({ version, state: { vision } }) => [
      { labels: { version, model: vision.modelId ?? '', precision: vision.precision ?? '' }, value: 1 },
    ],
  },
  {
    type: 'gauge',
    name: 'mien_config_info',
    help: 'Always 1. Id of the configuration in force; it changes with every setting but secrets and device.name.',
    labels: ['config'],
    read: ({ configId }) => [{ labels: { config: configId }, value: 1 }],
  },
  {
    type: 'gauge',
    name: 'mien_start_time_seconds',
    help: 'Start of the daemon by the clock of the device at that moment, in seconds since 1970.',
    read: ({ startedAt }) => one(startedAt / 1000),
  },
  {
    type: 'gauge',
    name: 'mien_clock_seconds',
    help: 'Clock of the device, in seconds since 1970.',
    read: ({ now }) => one(now / 1000),
  },
  {
    type: 'gauge',
    name: 'mien_health_status',
    help: '1 for the present status of the device, as in /healthz.',
    labels: ['status'],
    read: ({ health }) => oneOf('status', healthStatus.options, health),
  },
  {
    type: 'gauge',
    name: 'mien_fault',
    help: '1 for each present fault, by the part that reports it and its code; no series without a fault.',
    labels: ['part', 'code'],
    read: ({ state }) =>
      faultyParts.flatMap((part) => {
        const code = state[part]?.code;
        return code === undefined ? [] : [{ labels: { part, code }, value: 1 }];
      }),
  },
  {
    type: 'gauge',
    name: 'mien_paused',
    help: '1 while the camera is paused by an operator.',
    read: ({ isPaused }) => flag(isPaused),
  },
  {
    type: 'gauge',
    name: 'mien_camera_state',
    help: '1 for the present state of the camera.',
    labels: ['state'],
    read: ({ state }) => oneOf('state', states.camera.shape.state.options, state.camera.state),
  },
  {
    type: 'gauge',
    name: 'mien_vision_state',
    help: '1 for the present state of the vision process.',
    labels: ['state'],
    read: ({ state }) => oneOf('state', states.vision.shape.state.options, state.vision.state),
  },
  {
    type: 'gauge',
    name: 'mien_store_state',
    help: '1 for the present state of the log.',
    labels: ['state'],
    read: ({ state }) => oneOf('state', states.store.shape.state.options, state.store.state),
  },
  {
    type: 'gauge',
    name: 'mien_mqtt_state',
    help: '1 for the present state of the connection to the broker.',
    labels: ['state'],
    read: ({ state }) => oneOf('state', states.mqtt.shape.state.options, state.mqtt.state),
  },
  {
    type: 'gauge',
    name: 'mien_temperature_celsius',
    help: 'Temperature of the processor; absent where the board does not report it.',
    read: ({ state }) => one(state.governor?.temperatureC),
  },
  {
    type: 'gauge',
    name: 'mien_throttled',
    help: '1 for each cause that slows the board down now; absent where the board does not report it.',
    labels: ['cause'],
    read: ({ state: { governor } }) =>
      governor?.throttled === undefined
        ? []
        : throttleCauses.map((cause) => ({ labels: { cause }, value: Number(governor.throttled?.includes(cause)) })),
  },
  {
    type: 'gauge',
    name: 'mien_rate_limit_hertz',
    help: 'Maximum number of frames per second that are analysed, lowered while the board is hot; absent without a governor.',
    read: ({ state }) => one(state.governor?.fpsLimit),
  },
];
