/** Values in a statement of the device: days, seconds, the host that receives readings. */
export type Params = Readonly<Record<string, string | number>>;

/** Every text that the privacy page shows. Another language is another file of this type. */
export const en = {
  title: 'Privacy',
  purpose: 'This device shows, logs and reports which expressions faces in front of it appear to have.',
  apparent: 'An apparent expression is an estimate of what a face looks like. It does not say what somebody feels.',
  whatHappens: 'What is stored and what is sent',
  language: 'Language',
  loading: 'One moment, please …',
  failed: 'The device is not answering at the moment.',
  again: 'Try again',
  derived: 'These statements follow from the current settings of this device.',
  /** By the code of each statement that the device makes (device/ops/privacy.ts). */
  items: {
    'picture-not-kept': () => 'The picture is analysed in memory and shown. It is never stored.',
    'no-identity': () =>
      'Nobody is identified. A person who comes back counts as a new one; no template of a face is made.',
    'samples-logged': ({ seconds, days }: Params) =>
      `While a face is seen, its apparent expression with the probabilities, or why none was recognised, a time and a running number are logged every ${seconds} s and deleted after ${days} days.`,
    'visits-logged': ({ days }: Params) =>
      `For each stay its start, its end, the share of each apparent expression and the reasons where none was recognised are logged and deleted after ${days} days.`,
    'sums-logged': ({ minutesDays, hoursDays }: Params) =>
      `Sums over all persons (how many, how long, the time of each apparent expression) are logged per minute and deleted after ${minutesDays} days; those per hour after ${hoursDays} days.`,
    'copies-kept': ({ days }: Params) =>
      `A copy of the log from before an update, and a log that was damaged or replaced, are deleted ${days} days after they were made or last written.`,
    'nothing-sent': () => 'Nothing is sent to another machine.',
    'readings-sent': ({ to }: Params) =>
      `Apparent expressions, positions of faces in the picture and stays, without any picture, are sent to the broker ${to}.`,
    'pictures-sent': ({ to }: Params) =>
      `Apparent expressions, positions of faces in the picture and stays are sent to the broker ${to}. On request, a single picture is sent there too.`,
    'seen-here-only': () => 'The live picture is shown on this device only.',
    'seen-over-network': ({ encrypted }: Params) =>
      `The live picture may be watched over the network by those who have the password or a token${encrypted ? '; the connection is encrypted' : ''}.`,
    'uploads-not-kept': () =>
      'A picture that somebody submits to try the device is analysed in memory and deleted at once.',
  },
};

export type Messages = typeof en;
