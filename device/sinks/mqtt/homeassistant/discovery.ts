import { type Entity, type EntityFacts, entitiesOf } from './entities.ts';

export interface DeviceFacts extends EntityFacts {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly version: string;
  /** Address of the operator page for other machines. */
  readonly adminUrl?: string;
}

/** One device with all its entities, as Home Assistant's MQTT discovery expects it. An unknown key here refuses the device. */
export interface Discovery {
  readonly device: Readonly<Record<string, unknown>>;
  readonly origin: { readonly name: string; readonly sw_version: string };
  readonly availability: readonly { readonly topic: string }[];
  readonly qos: 1;
  /** An entity of which only the platform is given is removed. One that is absent stays as it was. */
  readonly components: Readonly<Record<string, Partial<Entity> & Pick<Entity, 'platform'>>>;
}

export function discoveryTopic(prefix: string, deviceId: string): string {
  return `${prefix}/device/${objectId(deviceId)}/config`;
}

export function discoveryOf(facts: DeviceFacts): Discovery {
  const { base, deviceId, deviceName, version, adminUrl } = facts;
  return {
    device: {
      identifiers: [objectId(deviceId)],
      name: deviceName,
      manufacturer: 'Mien',
      model: 'Kiosk',
      sw_version: version,
      ...(adminUrl !== undefined && { configuration_url: adminUrl }),
    },
    origin: { name: 'Mien', sw_version: version },
    availability: [{ topic: `${base}/availability` }],
    qos: 1,
    components: componentsOf(facts),
  };
}

function componentsOf(facts: DeviceFacts): Discovery['components'] {
  const slug = facts.deviceName.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
  const components: Record<string, Partial<Entity> & Pick<Entity, 'platform'>> = {};
  for (const [key, entity] of Object.entries(entitiesOf(facts))) {
    if (entity === undefined) continue;
    if (entity === null) components[key] = { platform: platformOf(key, facts) };
    else {
      const { platform } = entity;
      components[key] = {
        ...entity,
        unique_id: `${objectId(facts.deviceId)}_${key}`,
        default_entity_id: `${platform}.${slug}_${key}`,
      };
    }
  }
  return components;
}

/** The platform of an entity that this device lacks. */
function platformOf(key: string, facts: DeviceFacts): Entity['platform'] {
  return entitiesOf({ ...facts, ...factsWithAllEntities })[key]!.platform;
}

/** Facts of a device with every entity. */
export const factsWithAllEntities = { labels: [], hasTemperature: true, acceptsCommands: true } as const;

/** Names the device at Home Assistant. It does not change with the name of the device. */
function objectId(deviceId: string): string {
  return `mien_${deviceId}`;
}
