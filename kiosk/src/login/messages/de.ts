import type { Messages } from './en.ts';

export const messages: Messages = {
  title: 'Anmelden',
  intro: 'Für alle, die sich um dieses Gerät kümmern.',
  password: 'Passwort oder Token',
  show: 'Zeigen',
  hide: 'Verbergen',
  logIn: 'Anmelden',
  loggingIn: 'Anmeldung läuft',
  noPassword:
    'Auf diesem Gerät ist kein Passwort gesetzt. Geben Sie ein Token ein, oder erzeugen Sie am Gerät selbst einen Link:',
  notEncrypted: 'Diese Verbindung ist nicht verschlüsselt. Andere in diesem Netz könnten das Passwort mitlesen.',

  wrongPassword: 'Das ist weder das Passwort noch ein Token dieses Geräts.',
  wrongLink: 'Dieser Link wurde schon benutzt oder ist zu alt. Erzeugen Sie am Gerät einen neuen:',
  tooMany: 'Zu viele Versuche. Warten Sie eine halbe Minute und versuchen Sie es dann noch einmal.',
  busy: 'Das Gerät ist mit anderen Anmeldungen beschäftigt. Versuchen Sie es gleich noch einmal.',
  noAnswer: 'Das Gerät antwortet nicht. Läuft es, und sind Sie im selben Netz?',

  operator: 'Sie sind als Betreiber angemeldet.',
  viewer: 'Sie sind als Betrachter angemeldet.',
  toAdmin: 'Betreiberseite',
  toKiosk: 'Live-Bild',
  logOut: 'Abmelden',
};
