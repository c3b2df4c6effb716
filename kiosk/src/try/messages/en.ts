/** Every text of the page on which one tries a picture. Another language is another file of this type. */
export const messages = {
  title: 'Try it',
  lead: 'Give a picture with faces, and see which apparent expressions the device finds.',
  kept: 'Nothing is kept. The picture goes to this device, is looked at in its memory, and is forgotten.',
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
  cameraFailed: 'The camera cannot be used at the moment. Another program may have it.',

  looking: 'Looking',
  picture: 'Your picture',
  pictureWith: (count: number) =>
    count === 1 ? 'Your picture with one face marked' : `Your picture with ${count} faces marked`,
  found: (count: number) => (count === 1 ? 'One face' : `${count} faces`),
  foundIn: (time: string) => `found in ${time}`,
  face: (number: string) => `Face ${number}`,
  uncertainHint: 'Not clear enough to tell.',
  none: 'No face was found',
  noneHint: 'Faces are found from the front, in light, and from about 20 pixels of height on.',
  another: 'Another picture',
  retry: 'Try again',
  meaning: 'An apparent expression is what a face looks like, not what a person feels.',

  failed: 'This picture could not be looked at',
  tooLarge: (size: string) => `The picture has ${size}; at most 10 MB are taken. Make it smaller, or take another.`,
  wrongType: (type: string) => `This is ${type}. Expected is a JPEG, PNG, WebP or BMP picture.`,
  unknownType: 'a file of another kind',
  noAnswer: 'The device does not answer. Is it switched on, and is this browser on its network?',
  kioskPage: 'Kiosk page',
};

export type TryMessages = typeof messages;
