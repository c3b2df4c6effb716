/** Every text of the page for refused requests. Another language is another file of this type. */
export const en = {
  /** By the kind that the device reports (device/http/pages/notices.ts). */
  kinds: {
    operators: {
      title: 'For operators',
      text: 'You are logged in as a viewer. This page is for those who look after the device.',
    },
    token: { title: 'Wrong token', text: 'The password or token that your browser sent is not one of this device.' },
    host: { title: 'Unknown address', text: 'This device does not know the name in the address bar as its own.' },
    unknown: { title: 'Page not found', text: 'There is no page at this address.' },
    method: { title: 'Not a page', text: 'This address is for programs. A browser cannot open it.' },
    busy: { title: 'Too many requests', text: 'Wait a moment, then try again.' },
    unavailable: { title: 'Not available', text: 'The device cannot show this at the moment. Try again in a while.' },
    refused: { title: 'Not allowed', text: 'The device refused this request.' },
  },
  logIn: 'Log in as operator',
  toKiosk: 'To the kiosk page',
};

export type Messages = typeof en;
