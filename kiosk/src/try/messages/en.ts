/** Every text of the page on which one tries a picture. Another language is another file of this type. */
export const messages = {
  title: 'Try it',
  lead: 'Choose a picture with faces, and see which apparent expressions the device finds.',
  kept: 'Nothing is kept. The picture is sent to this device, analysed in its memory and deleted at once.',
  choose: 'Choose a picture',
  take: 'Take a picture',
  drop: 'or drop one here, or paste it',
  dropNow: 'Drop it here',
  formats: 'JPEG, PNG, WebP or BMP; up to 10 MB and 40 megapixels',

  cameraStarting: 'The camera is starting',
  cameraPicture: 'What the camera sees',
  shoot: 'Take it',
  cancel: 'Cancel',
  cameraRefused: 'This browser may not use the camera. Allow it beside the address, or choose a picture.',
  cameraMissing: 'This machine has no camera. Choose a picture instead.',
  cameraFailed: 'The camera cannot be used at the moment. Another program may be using it.',

  looking: 'Analysing the picture',
  picture: 'Your picture',
  pictureWith: (count: number) =>
    count === 1 ? 'Your picture with one face marked' : `Your picture with ${count} faces marked`,
  found: (count: number) => (count === 1 ? 'One face' : `${count} faces`),
  foundIn: (time: string) => `found in ${time}`,
  face: (number: string) => `Face ${number}`,
  uncertainHint: 'The expression is not clear enough.',
  none: 'No face was found',
  noneHint: 'A face is found when it looks to the front, is lit, and is at least about 20 pixels high.',
  another: 'Another picture',
  retry: 'Try again',
  meaning: 'An apparent expression is what a face looks like to others, not what the person feels.',

  failed: 'This picture could not be analysed',
  tooLarge: (size: string) =>
    `The picture has ${size}; at most 10 MB are accepted. Make it smaller, or choose another.`,
  wrongType: (type: string) => `This is ${type}. Expected: a JPEG, PNG, WebP or BMP picture.`,
  unknownType: 'a file of another kind',
  noAnswer: 'The device does not answer. Is it switched on, and is this browser on its network?',
  kioskPage: 'Kiosk page',
};

export type TryMessages = typeof messages;
