import type { Messages } from './en.ts';

export const messages: Messages = {
  kinds: {
    operators: {
      title: 'Nur für Betreiber',
      text: 'Sie sind als Zuschauer angemeldet. Diese Seite ist für alle, die das Gerät betreuen.',
    },
    token: {
      title: 'Falsches Token',
      text: 'Das Passwort oder Token, das Ihr Browser gesendet hat, gehört nicht zu diesem Gerät.',
    },
    host: {
      title: 'Unbekannte Adresse',
      text: 'Den Namen in der Adresszeile kennt dieses Gerät nicht als seinen eigenen.',
    },
    unknown: { title: 'Seite nicht gefunden', text: 'Unter dieser Adresse gibt es keine Seite.' },
    method: { title: 'Keine Seite', text: 'Diese Adresse ist für Programme. Ein Browser kann sie nicht öffnen.' },
    busy: { title: 'Zu viele Anfragen', text: 'Bitte warten Sie einen Moment und versuchen Sie es dann noch einmal.' },
    unavailable: {
      title: 'Nicht verfügbar',
      text: 'Das Gerät kann dies im Moment nicht anzeigen. Bitte versuchen Sie es später noch einmal.',
    },
    refused: { title: 'Nicht erlaubt', text: 'Das Gerät hat diese Anfrage abgelehnt.' },
  },
  logIn: 'Als Betreiber anmelden',
  toKiosk: 'Zur Kioskseite',
};
