import type { Messages } from './en.ts';

export const messages: Messages = {
  title: 'Datenschutz',
  purpose: 'Dieses Gerät zeigt, protokolliert und meldet, welchen Ausdruck die Gesichter vor ihm zu haben scheinen.',
  apparent: 'Ein sichtbarer Ausdruck ist eine Schätzung, wie ein Gesicht aussieht. Er sagt nicht, was jemand fühlt.',
  whatHappens: 'Was mit dem Gesehenen geschieht',
  language: 'Sprache',
  loading: 'Das Gerät wird gefragt …',
  failed: 'Das Gerät antwortet gerade nicht.',
  again: 'Noch einmal versuchen',
  derived: 'Abgeleitet aus der aktuellen Konfiguration dieses Geräts.',
  items: {
    'picture-not-kept': () => 'Das Bild wird im Arbeitsspeicher ausgewertet und angezeigt. Es wird nie gespeichert.',
    'no-identity': () =>
      'Niemand wird identifiziert. Wer wiederkommt, zählt als neue Person; es wird kein Merkmalsprofil eines Gesichts angelegt.',
    'samples-logged': ({ seconds, days }) =>
      `Solange ein Gesicht zu sehen ist, werden alle ${seconds} s sein sichtbarer Ausdruck mit den Wahrscheinlichkeiten oder der Grund, warum keiner erkannt wurde, die Zeit und eine laufende Nummer protokolliert und nach ${days} Tagen gelöscht.`,
    'visits-logged': ({ days }) =>
      `Von jedem Aufenthalt werden Anfang, Ende, die Anteile der sichtbaren Ausdrücke und die Gründe, wo keiner erkannt wurde, protokolliert und nach ${days} Tagen gelöscht.`,
    'nothing-sent': () => 'Nichts wird an ein anderes Gerät gesendet.',
    'readings-sent': ({ to }) =>
      `Sichtbare Ausdrücke, die Lage der Gesichter im Bild und Aufenthalte werden ohne jedes Bild an den Broker ${to} gesendet.`,
    'seen-here-only': () => 'Das Live-Bild wird nur auf diesem Gerät angezeigt.',
    'seen-over-network': ({ encrypted }) =>
      `Das Live-Bild kann über das Netzwerk sehen, wer das Passwort oder ein Token hat${encrypted ? '; die Verbindung ist verschlüsselt' : ''}.`,
    'uploads-not-kept': () =>
      'Ein Bild, das jemand zum Ausprobieren hochlädt, wird im Arbeitsspeicher ausgewertet und sofort gelöscht.',
  },
};
