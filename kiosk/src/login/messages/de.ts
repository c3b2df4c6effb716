import type { Messages } from './en.ts';

export const messages: Messages = {
  title: 'Anmelden',
  intro: 'Für alle, die sich um dieses Gerät kümmern.',
  password: 'Passwort oder Token',
  show: 'Anzeigen',
  hide: 'Verbergen',
  logIn: 'Anmelden',
  loggingIn: 'Anmeldung läuft …',
  noPassword:
    'Für dieses Gerät ist kein Passwort gesetzt. Geben Sie ein Token ein oder erzeugen Sie am Gerät einen Link:',
  notEncrypted: 'Diese Verbindung ist nicht verschlüsselt. Andere in diesem Netzwerk könnten das Passwort mitlesen.',
  claimIntro:
    'Dieses Gerät hat noch keinen Betreiber. Geben Sie den Code auf seinem Bildschirm ein und wählen Sie ein Passwort.',
  claimCode: 'Code auf dem Bildschirm',
  newPassword: 'Neues Passwort (mindestens 8 Zeichen)',
  claim: 'Passwort festlegen',
  wrongCode: 'Das ist nicht der Code auf dem Bildschirm, oder das Gerät hat schon einen Betreiber.',

  wrongPassword: 'Das ist weder das Passwort noch ein Token dieses Geräts.',
  wrongLink: 'Dieser Link ist abgelaufen oder wurde schon benutzt. Erzeugen Sie am Gerät einen neuen:',
  tooMany: 'Zu viele Versuche. Bitte warten Sie eine halbe Minute.',
  busy: 'Das Gerät ist mit anderen Anmeldungen beschäftigt. Versuchen Sie es gleich noch einmal.',
  noAnswer: 'Das Gerät antwortet nicht. Ist es eingeschaltet, und sind Sie im selben Netzwerk?',

  failed: 'Auf dem Gerät ist etwas schiefgegangen. Versuchen Sie es gleich noch einmal.',

  operator: 'Sie sind als Betreiber angemeldet.',
  viewer: 'Sie sind als Zuschauer angemeldet.',
  toAdmin: 'Betreiberseite',
  toKiosk: 'Live-Bild',
  logOut: 'Abmelden',
};
