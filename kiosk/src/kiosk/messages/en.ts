import { formatNumber, pluralOf } from '../../language/format.ts';

/** Every text that the kiosk page shows. Another language is another file of this type. */
export const en = {
  /** Shown until the device has said its own. */
  defaultTitle: 'Mien',
  /** Where the operator has not written one. */
  notice: 'This screen estimates apparent facial expressions. No picture is stored or leaves this device.',
  privacy: 'Privacy',
  privacyScan: 'What is kept: scan with a phone',

  apparentExpression: 'Apparent expression',
  apparentExpressionIs: (expression: string) => `Apparent expression: ${expression}`,
  /** Under a face without a name, where others have their probability: why it has none, and what its owner can do. */
  unnamed: {
    small: 'Too far away. Please come closer.',
    turned: 'Please turn your face to the camera.',
    dark: 'There is too little light on the face.',
    blurred: 'The picture is blurred. Please hold still.',
    covered: 'Part of the face is covered.',
    ambiguous: 'It could be more than one expression.',
    unknown: 'The expression cannot be told at the moment.',
  },
  people: (count: number) => (count === 1 ? 'one person in view' : `nearest of ${formatNumber(count)} people`),
  more: (count: number) => `and ${formatNumber(count)} more in view`,
  eachFace: 'Each face, from left to right',
  allExpressions: 'All expressions of this face',
  livePicture: 'Live picture',
  nobody: 'Nobody in view',
  noReading: 'No live reading',
  noReadingHint: 'Continues when the picture is back.',

  invitation: 'Step in front of the camera',
  invitationHint: 'See which expression your face seems to show.',
  theExpressions: 'The expressions and their colours',

  lastHour: 'Last hour',
  today: 'Today',
  /** Happy among the faces with a name; one number for "how often did people smile". */
  lookedHappy: (share: string) => `${share} of people looked happy`,
  visits: (count: number) => `${formatNumber(count)} ${pluralOf(count, { one: 'visit', other: 'visits' })}`,
  shares: 'share of each apparent expression',
  fills: 'fills as people are seen',

  connecting: 'Connecting',
  cameraStarting: 'The camera is starting',
  soon: 'The picture appears in a moment.',
  visionRestarting: 'Recognition is restarting',
  visionRestartingHint: 'This takes a few seconds.',
  cameraLost: 'No camera',
  cameraLostHint: 'Reconnecting automatically.',
  modelMissing: 'No model',
  modelMissingHint: 'The file that recognition needs is missing or damaged.',
  paused: 'Paused',
  pausedHint: 'The camera is off. Nobody is seen, nothing is recorded.',
  ended: 'The recording has ended',
  endedHint: 'It was played once.',
  stale: 'The picture has stopped',
  reconnecting: 'Reconnecting',
  reconnectingHint: 'The device does not answer. Trying again automatically.',
  pictureAge: (duration: string) => `The last picture is ${duration} old.`,

  status: 'Status',
  camera: {
    starting: 'Camera starting',
    online: 'Camera on',
    lost: 'No camera',
    ended: 'Recording ended',
    paused: 'Camera off',
    unknown: 'Camera unknown',
  },
  mqtt: {
    disabled: 'Reporting off',
    connecting: 'Broker connecting',
    connected: 'Broker connected',
    offline: 'Broker offline',
    unknown: 'Broker unknown',
  },
  storeFailing: 'Log failing',

  hot: (celsius: string) => `Slowed down to cool off: the processor is at ${celsius}.`,
  shortOfPower: 'Slowed down: the device is short of power.',
  slowed: 'Slowed down to spare the device.',
  brokerOffline: 'Nothing is lost: visits are reported when the broker is back.',
  simpleDetector: 'A simpler face detector is in use; faces in profile are missed.',
};

export type Messages = typeof en;
