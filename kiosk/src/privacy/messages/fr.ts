import type { Messages } from './en.ts';

export const messages: Messages = {
  title: 'Vie privée',
  purpose: 'Cet appareil montre, consigne et signale les expressions que les visages devant lui semblent avoir.',
  apparent:
    'Une expression apparente est une estimation de l’aspect d’un visage. Elle ne dit pas ce qu’une personne ressent.',
  whatHappens: 'Ce qu’il advient de ce qu’il voit',
  language: 'Langue',
  loading: 'Interrogation de l’appareil …',
  failed: 'L’appareil ne répond pas pour le moment.',
  again: 'Réessayer',
  derived: 'Établi d’après la configuration actuelle de cet appareil.',
  items: {
    'picture-not-kept': () => 'L’image est analysée en mémoire et affichée. Elle n’est jamais enregistrée.',
    'no-identity': () =>
      'Personne n’est identifié. Une personne qui revient compte comme une nouvelle personne ; aucun gabarit de visage n’est créé.',
    'samples-logged': ({ seconds, days }) =>
      `Tant qu’un visage est visible, son expression apparente avec les probabilités, ou la raison pour laquelle aucune n’a été reconnue, l’heure et un numéro d’ordre sont consignés toutes les ${seconds} s et effacés après ${days} jours.`,
    'visits-logged': ({ days }) =>
      `De chaque passage, le début, la fin, la part de chaque expression apparente et les raisons lorsque aucune n’a été reconnue sont consignés et effacés après ${days} jours.`,
    'nothing-sent': () => 'Rien n’est envoyé à une autre machine.',
    'readings-sent': ({ to }) =>
      `Les expressions apparentes, la position des visages dans l’image et les passages sont envoyés, sans aucune image, au broker ${to}.`,
    'seen-here-only': () => 'L’image en direct n’est montrée que sur cet appareil.',
    'seen-over-network': ({ encrypted }) =>
      `L’image en direct peut être regardée par le réseau par les personnes qui ont le mot de passe ou un jeton${encrypted ? ' ; la connexion est chiffrée' : ''}.`,
    'uploads-not-kept': () =>
      'Une image envoyée pour essayer l’appareil est analysée en mémoire, puis aussitôt effacée.',
  },
};
