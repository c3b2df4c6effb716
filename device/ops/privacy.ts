import { isExposed } from '../config/access.ts';
import { acceptsCommands } from '../config/commands.ts';
import { keepOf } from '../config/keep.ts';
import type { Config } from '../config/schema.ts';
import { maskAddress } from '../core/mask.ts';

/** One statement about the data that is collected, kept or sent. Translations use the stable `code` and the values in `params`. */
interface PrivacyItem {
  readonly code: string;
  readonly text: string;
  readonly params?: Readonly<Record<string, string | number>>;
}

export interface PrivacyNotice {
  readonly purpose: string;
  readonly items: readonly PrivacyItem[];
}

/** The privacy notice of this device, derived from its configuration, so that it states what is in force. */
export function privacyNotice(config: Config): PrivacyNotice {
  const { sampleMs } = config.store;
  const keep = keepOf(config.store);
  return {
    purpose: 'To show, log and report which expressions faces in front of this device appear to have.',
    items: [
      { code: 'picture-not-kept', text: 'The picture is analysed in memory and shown. It is never stored.' },
      {
        code: 'no-identity',
        text: 'Nobody is identified. A person who comes back counts as a new one; no template of a face is made.',
      },
      {
        code: 'samples-logged',
        text: `While a face is seen, its apparent expression with the probabilities, or why none was recognised, a time and a running number are logged every ${sampleMs / 1000} s and deleted after ${keep.samplesDays} days.`,
        params: { seconds: sampleMs / 1000, days: keep.samplesDays },
      },
      {
        code: 'visits-logged',
        text: `For each stay its start, its end, the share of each apparent expression and the reasons where none was recognised are logged and deleted after ${keep.visitsDays} days.`,
        params: { days: keep.visitsDays },
      },
      {
        code: 'sums-logged',
        text: `Sums over all persons (how many, how long, the time of each apparent expression) are logged per minute and deleted after ${keep.minutesDays} days; those per hour after ${keep.hoursDays} days.`,
        params: { minutesDays: keep.minutesDays, hoursDays: keep.hoursDays },
      },
      {
        code: 'copies-kept',
        text: `A copy of the log from before an update, and a log that was damaged or replaced, are deleted ${keep.visitsDays} days after they were made or last written.`,
        params: { days: keep.visitsDays },
      },
      ...dataSent(config),
      ...liveViewers(config),
      {
        code: 'uploads-not-kept',
        text: 'A picture that somebody submits to try the device is analysed in memory and deleted at once.',
      },
    ],
  };
}

function dataSent({ mqtt }: Config): PrivacyItem[] {
  if (!mqtt.enabled) return [{ code: 'nothing-sent', text: 'Nothing is sent to another machine.' }];
  const to = hostOf(mqtt.url);
  if (mqtt.snapshots && acceptsCommands(mqtt)) {
    return [
      {
        code: 'pictures-sent',
        text: `Apparent expressions, positions of faces in the picture and stays are sent to the broker ${to}. On request, a single picture is sent there too.`,
        params: { to },
      },
    ];
  }
  return [
    {
      code: 'readings-sent',
      text: `Apparent expressions, positions of faces in the picture and stays, without any picture, are sent to the broker ${to}.`,
      params: { to },
    },
  ];
}

function liveViewers({ http }: Config): PrivacyItem[] {
  if (!isExposed(http.host))
    return [{ code: 'seen-here-only', text: 'The live picture is shown on this device only.' }];
  return [
    {
      code: 'seen-over-network',
      text: `The live picture may be watched over the network by those who have the password or a token${http.tls.cert ? '; the connection is encrypted' : ''}.`,
      params: { encrypted: http.tls.cert ? 1 : 0 },
    },
  ];
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : maskAddress(url);
}
