/** Every text that the login page shows. Another language is another file of this type. */
export const en = {
  title: 'Log in',
  intro: 'For the people who look after this device.',
  password: 'Password or token',
  show: 'Show',
  hide: 'Hide',
  logIn: 'Log in',
  loggingIn: 'Logging in',
  noPassword: 'No password is set on this device. Enter a token, or create a link on the device itself:',
  notEncrypted: 'This connection is not encrypted. Others on this network could read the password.',
  claimIntro: 'This device has no operator yet. Enter the code on its screen and choose a password.',
  claimCode: 'Code on the screen',
  newPassword: 'New password (at least 8 characters)',
  claim: 'Set the password',
  wrongCode: 'That is not the code on the screen, or this device has an operator already.',

  wrongPassword: 'That is not the password or token of this device.',
  wrongLink: 'This link has been used already, or has expired. Create a new one on the device:',
  tooMany: 'Too many attempts. Wait half a minute, then try again.',
  busy: 'The device is busy with other logins. Try again in a moment.',
  noAnswer: 'The device does not answer. Is it running, and are you on the same network?',

  failed: 'Something went wrong on the device. Try again in a moment.',

  operator: 'You are logged in as operator.',
  viewer: 'You are logged in as viewer.',
  toAdmin: 'Operator page',
  toKiosk: 'Live picture',
  logOut: 'Log out',
};

export type Messages = typeof en;
