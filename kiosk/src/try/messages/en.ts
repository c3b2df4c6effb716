/** Every text of the page to try a picture. Another language is another file of this type. */
export const messages = {
  title: 'Try it out',
  lead: 'Choose a picture with faces and see which apparent expressions the device finds.',
  kept: 'Nothing is kept. The picture goes to this device, is analysed in memory and deleted at once.',
  choose: 'Choose a picture',
  take: 'Take a picture',
  drop: 'or drop or paste one here',
  dropNow: 'Drop it here',
  formats: 'JPEG, PNG, WebP or BMP; up to 10 MB and 40 megapixels',

  cameraStarting: 'The camera is starting',
  cameraPicture: 'What the camera sees',
  shoot: 'Take it',
  cancel: 'Cancel',
  cameraRefused: 'This browser may not use the camera. Allow it next to the address, or choose a picture.',
  cameraMissing: 'This machine has no camera. Choose a picture instead.',
  cameraFailed: 'The camera cannot be used at the moment. Another program may be using it.',

  looking: 'Analysing the picture',
  picture: 'Your picture',
  pictureWith: (count: number) =>
    count === 1 ? 'Your picture with one face marked' : `Your picture with ${count} faces marked`,
  found: (count: number) => (count === 1 ? 'One face' : `${count} faces`),
  foundIn: (time: string) => `analysed in ${time}`,
  face: (number: string) => `Face ${number}`,
  uncertainHint: 'The expression is not clear enough.',
  none: 'No face was found',
  noneHint: 'A face is found if it looks towards the camera, is well lit and is at least about 20 pixels high.',
  another: 'Another picture',
  retry: 'Try again',
  meaning: 'An apparent expression is what a face looks like to others, not what the person feels.',

  failed: 'This picture could not be analysed',
  tooLarge: (size: string) =>
    `The picture has ${size}; at most 10 MB are accepted. Make it smaller, or choose another.`,
  wrongType: (type: string) => `This is ${type}. Expected: a JPEG, PNG, WebP or BMP picture.`,
  /** By the device's reason for the refusal. */
  refused: {
    type: 'This is not a JPEG, PNG, WebP or BMP picture.',
    size: 'The picture is too small, or has more than 40 megapixels.',
    damaged: 'The file is damaged or incomplete. Please choose another.',
    slow: 'Analysing this picture takes too long. Please choose a smaller one.',
    busy: 'The device is busy. Please try again in a moment.',
    unavailable: 'Recognition is not available at the moment. Please try again later.',
    unknown: 'Something went wrong on the device. Please try another picture.',
  },
  loginNeeded: 'Your login has ended. Reload the page to log in again.',
  cannotShow: 'This browser cannot show the picture. Please choose another.',
  unknownType: 'a file of another kind',
  noAnswer: 'The device does not answer. Is it switched on, and is this browser on its network?',
  kioskPage: 'Live picture',
};

export type TryMessages = typeof messages;
