/** Every text that the kiosk page shows. Another language is another file of this type. */
export const en = {
  apparentExpression: 'Apparent expression',
  apparentExpressionIs: (expression: string) => `Apparent expression: ${expression}`,
  /** Under the label `uncertain`, where other labels have their probability. */
  uncertainHint: 'Not clear enough to tell.',
  people: (count: number) => (count === 1 ? 'one person in view' : `nearest of ${count} people`),
  more: (count: number) => `and ${count} more in view`,
  eachFace: 'Each face, from left to right',
  allExpressions: 'All expressions of this face',
  livePicture: 'Live picture',
  nobody: 'Nobody in view',
  nobodyHint: 'Step in front of the camera.',
  noReading: 'No live reading',
  noReadingHint: 'Continues when the picture is back.',
  recent: (minutes: number) => `Last ${minutes} minutes`,
  recentHint: 'share of each apparent expression',
  recentEmpty: 'Fills as people are seen',

  connecting: 'Connecting',
  connectingHint: 'The picture appears in a moment.',
  cameraStarting: 'The camera is starting',
  cameraStartingHint: 'The picture appears in a moment.',
  visionRestarting: 'Recognition is restarting',
  visionRestartingHint: 'This takes a few seconds.',
  cameraLost: 'No camera',
  cameraLostHint: 'Looking for it again, by itself.',
  ended: 'The recording has ended',
  endedHint: 'It was played once.',
  stale: 'The picture has stopped',
  reconnecting: 'Reconnecting',
  reconnectingHint: 'The device does not answer. Trying again by itself.',
  pictureAge: (seconds: number) =>
    seconds < 120 ? `This picture is ${seconds} s old.` : `This picture is ${Math.round(seconds / 60)} minutes old.`,

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
  privacy: 'Privacy',
  /** Shown until the device has said its own. */
  defaultTitle: 'Mien',
};

export type Messages = typeof en;
