import { uncertain } from '../../../core/labels.ts';

/** The facts that decide which entities a device has. */
export interface EntityFacts {
  /** `<mqtt.baseTopic>/<device.name>` */
  readonly base: string;
  /** Class labels of the model; undefined until the model is loaded. */
  readonly labels?: readonly string[];
  /** Undefined: not known yet. */
  readonly hasTemperature?: boolean;
  readonly acceptsCommands: boolean;
}

/** One entity as Home Assistant's discovery describes it, without `unique_id` and `default_entity_id`. */
export interface Entity {
  readonly platform: 'sensor' | 'binary_sensor' | 'switch' | 'button' | 'event';
  readonly name: string;
  readonly [option: string]: unknown;
}

/** Seconds after which the broker drops a command for a device that is away. Home Assistant 2026.2 ignores the option. */
const commandExpiryS = 30;

/**
 * The entities by their key, which is part of the unique id and therefore never changes. `undefined`: not known yet, the
 * entity stays as it was; `null`: the device does not have it.
 */
export function entitiesOf(facts: EntityFacts): Readonly<Record<string, Entity | null | undefined>> {
  return { ...visitorEntities(facts), ...controls(facts), ...diagnostics(facts) };
}

/** Entities that come from the picture. They are unavailable without a camera. */
function visitorEntities({ base, labels }: EntityFacts) {
  const availability = [
    { topic: `${base}/availability` },
    {
      topic: `${base}/camera/state`,
      value_template: "{{ 'online' if value_json.state == 'online' else 'offline' }}",
    },
  ];
  const all: Record<string, Entity | undefined> = {
    people: {
      platform: 'sensor',
      name: 'People',
      icon: 'mdi:account-group',
      state_class: 'measurement',
      unit_of_measurement: 'people',
      state_topic: `${base}/people`,
      value_template: '{{ value_json.people }}',
    },
    expression: labels && {
      platform: 'sensor',
      name: 'Apparent expression',
      icon: 'mdi:emoticon-outline',
      device_class: 'enum',
      options: [...labels, uncertain, 'none'],
      state_topic: `${base}/expression`,
      value_template: '{{ value_json.expression }}',
    },
    smiles: {
      platform: 'sensor',
      name: 'Smiles',
      icon: 'mdi:emoticon-happy-outline',
      state_class: 'measurement',
      unit_of_measurement: '%',
      suggested_display_precision: 0,
      state_topic: `${base}/smiles`,
      value_template: '{{ none if value_json.smiles is none else (value_json.smiles * 100) | round(1) }}',
    },
    dwell: {
      platform: 'sensor',
      name: 'Dwell of the last visit',
      icon: 'mdi:timer-outline',
      device_class: 'duration',
      state_class: 'measurement',
      unit_of_measurement: 's',
      suggested_display_precision: 0,
      state_topic: `${base}/visits`,
      value_template: '{{ none if value_json.dwell_ms is none else value_json.dwell_ms / 1000 }}',
    },
    visits: {
      platform: 'sensor',
      name: 'Visits',
      icon: 'mdi:counter',
      state_class: 'total_increasing',
      unit_of_measurement: 'visits',
      state_topic: `${base}/visits`,
      value_template: '{{ value_json.visits }}',
    },
    // A visit that arrives after an outage is no event of now: an empty result is ignored.
    visit: {
      platform: 'event',
      name: 'Visit',
      icon: 'mdi:walk',
      event_types: ['visit'],
      state_topic: `${base}/visit`,
      value_template: `{% if not value_json.historical %}{{ {'event_type': 'visit', 'dwell_s': value_json.dwell_ms / 1000, 'expression': value_json.dominant, 'happy_share': value_json.happy_share, 'id': value_json.id} | tojson }}{% endif %}`,
    },
  };
  return Object.fromEntries(
    Object.entries(all).map(([key, entity]) => [key, entity && { ...entity, availability, availability_mode: 'all' }]),
  );
}

function controls({ base, acceptsCommands }: EntityFacts): Record<string, Entity | null> {
  if (!acceptsCommands) return { paused: null, restart_vision: null };
  return {
    paused: {
      platform: 'switch',
      name: 'Pause',
      icon: 'mdi:pause',
      state_topic: `${base}/camera/state`,
      value_template: "{{ 'ON' if value_json.state == 'paused' else 'OFF' }}",
      command_topic: `${base}/set/paused`,
      message_expiry_interval: commandExpiryS,
    },
    restart_vision: {
      platform: 'button',
      name: 'Restart vision',
      device_class: 'restart',
      entity_category: 'config',
      command_topic: `${base}/request/restart-vision`,
      command_template: '{"transaction": "home-assistant-{{ now().timestamp() }}"}',
      message_expiry_interval: commandExpiryS,
    },
  };
}

function diagnostics({ base, hasTemperature }: EntityFacts): Record<string, Entity | null | undefined> {
  const ofHealth = (name: string, value: string, options: object): Entity => ({
    platform: 'sensor',
    name,
    entity_category: 'diagnostic',
    state_topic: `${base}/health`,
    value_template: value,
    ...options,
  });
  const figure = (name: string, value: string, unit: string, options: object) =>
    ofHealth(name, value, { state_class: 'measurement', unit_of_measurement: unit, ...options });
  return {
    camera: {
      platform: 'binary_sensor',
      name: 'Camera',
      device_class: 'connectivity',
      entity_category: 'diagnostic',
      state_topic: `${base}/camera/state`,
      // Whether a paused camera is connected is unknown.
      value_template: "{{ {'online': 'ON', 'lost': 'OFF'}.get(value_json.state, none) }}",
    },
    health: ofHealth('Health', '{{ value_json.status }}', {
      icon: 'mdi:heart-pulse',
      device_class: 'enum',
      options: ['ok', 'degraded', 'failing', 'stopped'],
    }),
    // Home Assistant limits a state to 255 characters.
    problem: ofHealth('Problem', "{{ (value_json.reasons | join('; '))[:255] or 'none' }}", {
      icon: 'mdi:alert-circle-outline',
    }),
    started: ofHealth('Started', startTemplate, { device_class: 'timestamp' }),
    fps: figure('Frames per second', figureOf('fps'), 'fps', { icon: 'mdi:speedometer' }),
    latency: figure('Latency', figureOf('latency_ms'), 'ms', {
      device_class: 'duration',
      suggested_display_precision: 0,
    }),
    temperature:
      hasTemperature === undefined
        ? undefined
        : hasTemperature
          ? figure('Temperature', figureOf('temperature_c'), '°C', { device_class: 'temperature' })
          : null,
    memory: figure('Memory', '{{ value_json.memory_mb.daemon + value_json.memory_mb.vision | default(0) }}', 'MB', {
      device_class: 'data_size',
      suggested_display_precision: 0,
    }),
    outbox_waiting: figure('Records waiting', outboxFigure('waiting'), 'records', {
      icon: 'mdi:tray-full',
    }),
    outbox_lost: figure('Records lost', outboxFigure('lost'), 'records', {
      icon: 'mdi:tray-remove',
      state_class: 'total_increasing',
    }),
    written: figure('Written to disk', figureOf('written_mb_per_day'), 'MB/d', {
      icon: 'mdi:harddisk',
      suggested_display_precision: 0,
    }),
    profile: {
      platform: 'sensor',
      name: 'Profile',
      icon: 'mdi:tune',
      entity_category: 'diagnostic',
      state_topic: `${base}/state`,
      value_template: "{{ value_json.profile | default('none') }}",
    },
  };
}

/** Figures may be absent. */
function figureOf(key: string): string {
  return `{{ value_json.${key} | default(none) }}`;
}

function outboxFigure(key: string): string {
  return `{{ (value_json.outbox | default({})).${key} | default(none) }}`;
}

/** The uptime is rounded, so that the computed time varies by a second: a change below 5 s keeps the old state. */
const startTemplate =
  '{% set start = value_json.ts / 1000 - value_json.uptime_s %}' +
  '{% set known = as_timestamp(this.state, 0) %}' +
  '{{ (known if (start - known) | abs < 5 else start) | timestamp_custom("%Y-%m-%dT%H:%M:%S+00:00", false) }}';
