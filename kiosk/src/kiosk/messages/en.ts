import type { CameraCode, GovernorCode, MqttCode, StoreCode } from '../../../../device/core/codes.ts';
import { formatNumber, pluralOf } from '../../language/format.ts';

/** Text on the picture while it is not live. */
export interface Notice {
  readonly title: string;
  readonly hint: string;
}

type Or<Code extends string, Text> = Readonly<Record<Code | 'unknown', Text>>;

const camera: Or<CameraCode, Notice> = {
  'camera-missing': { title: 'No camera', hint: 'The picture returns once the camera is connected.' },
  'camera-busy': { title: 'Camera in use', hint: 'Another program is using the camera.' },
  'camera-stalled': { title: 'No picture from the camera', hint: 'Reconnecting automatically.' },
  'camera-unreadable': { title: 'No picture from the camera', hint: 'Please tell a member of staff.' },
  unknown: { title: 'No picture from the camera', hint: 'Reconnecting automatically.' },
};

const store: Or<StoreCode, string> = {
  'disk-full': 'Visits are not being logged at the moment: the storage is full.',
  'store-unwritable': 'Visits are not being logged at the moment.',
  'store-damaged': 'The log of visits is damaged. Please tell a member of staff.',
  'store-newer': 'Visits are not being logged: the log was made by a newer version.',
  'store-salvaging': 'Earlier visits are being restored.',
  unknown: 'Visits are not being logged at the moment.',
};

const governor: Or<GovernorCode, string> = {
  hot: 'Recognition is slower until the device has cooled down.',
  undervoltage: 'Recognition is slower: the device is not getting enough power.',
  throttled: 'Recognition is slower to protect the device.',
  unknown: 'Recognition is slower to protect the device.',
};

const mqtt: Or<MqttCode, string> = {
  'broker-unreachable': 'Results will be sent later: no connection to the server.',
  'broker-refused': 'Results will be sent later: the server refused the login.',
  'broker-untrusted': 'Results will be sent later: the server is not trusted.',
  unknown: 'Results will be sent later: no connection to the server.',
};

/** Every text that the kiosk page shows. Another language is another file of this type. */
export const en = {
  /** Shown until the device has sent its own title. */
  defaultTitle: 'Mien',
  /** Used if the operator has not written a notice. */
  notice: 'This screen estimates apparent facial expressions. No picture is stored or leaves this device.',
  privacy: 'Privacy',
  privacyScan: 'What is stored? Scan with your phone.',
  claim: (address: string, code: string) => `To set up this device, open ${address} and enter ${code}.`,

  apparentExpression: 'Apparent expression',
  apparentExpressionIs: (expression: string) => `Apparent expression: ${expression}`,
  /** Shown in place of the probability for a face without a name: the reason, or what the person can do. */
  unnamed: {
    small: 'Please come a little closer.',
    turned: 'Please look towards the camera.',
    dark: 'There is too little light on the face.',
    blurred: 'The picture is blurred. Please hold still.',
    covered: 'Part of the face is covered.',
    ambiguous: 'It could be more than one expression.',
    unknown: 'The expression is not clear at the moment.',
  },
  people: (count: number) => (count === 1 ? 'one person in view' : `nearest of ${formatNumber(count)} people`),
  more: (count: number) => `and ${formatNumber(count)} more in view`,
  eachFace: 'Each face, from left to right',
  allExpressions: 'All expressions of this face',
  livePicture: 'Live picture',
  nobody: 'Nobody in view',
  noReading: 'No result now',
  noReadingHint: 'Continues when the picture is back.',

  invitation: 'Step in front of the camera',
  invitationHint: 'See which expression your face seems to show.',
  theExpressions: 'The expressions and their colours',

  lastHour: 'Last hour',
  today: 'Today',
  now: 'now',
  /** Share of happy among the faces with a name: one number for "how often did people smile". */
  lookedHappy: (share: string) => `${share} looked happy`,
  mostly: (expression: string) => `mostly ${expression}`,
  visits: (count: number) => `${formatNumber(count)} ${pluralOf(count, { one: 'visit', other: 'visits' })}`,
  /** Descriptions of the charts for screen readers. */
  seen: {
    hour: 'For how long people were seen in each minute, by apparent expression',
    today: 'For how long people were seen in each hour, by apparent expression',
  },
  fills: 'fills up over time',

  connecting: { title: 'Connecting', hint: 'One moment, please.' },
  loading: { title: 'The device is loading', hint: 'On a slow device this takes a few minutes.' },
  starting: { title: 'The camera is starting', hint: 'One moment, please.' },
  restarting: { title: 'Recognition is restarting', hint: 'This takes a few seconds.' },
  paused: { title: 'Paused', hint: 'The camera is off. Nobody is seen and nothing is logged.' },
  ended: { title: 'The recording has ended', hint: 'It plays only once.' },
  model: {
    'model-missing': {
      title: 'Recognition is not available',
      hint: 'A file is missing. Please tell a member of staff.',
    },
    'model-invalid': {
      title: 'Recognition is not available',
      hint: 'A file is damaged. Please tell a member of staff.',
    },
  },
  stale: 'The picture has stopped',
  reconnecting: 'Connection lost',
  reconnectingHint: 'Reconnecting automatically.',
  pictureAge: (duration: string) => `The last picture is ${duration} old.`,

  /** Faults that do not stop the page. */
  status: 'Status',
  camera,
  store,
  governor,
  mqtt,
  vision: {
    'detector-fallback': 'Faces seen from the side are not recognised at the moment.',
    unknown: 'Recognition is limited at the moment.',
  },
};

export type Messages = typeof en;
