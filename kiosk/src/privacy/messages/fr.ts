import type { Messages } from './en.ts';

export const messages: Messages = {
  title: 'Vie privée',
  purpose:
    'Cet appareil affiche, consigne et transmet les expressions que semblent avoir les visages placés devant lui.',
  apparent:
    'L’expression apparente est une estimation de l’aspect d’un visage. Elle ne dit pas ce que la personne ressent.',
  whatHappens: 'Ce qui est enregistré et ce qui est envoyé',
  language: 'Langue',
  loading: 'Un instant, s’il vous plaît…',
  failed: 'L’appareil ne répond pas pour le moment.',
  again: 'Réessayer',
  derived: 'Ces informations découlent des réglages actuels de cet appareil.',
  items: {
    'picture-not-kept': () => 'L’image est analysée en mémoire et affichée. Elle n’est jamais enregistrée.',
    'no-identity': () =>
      'Personne n’est identifié. Une personne qui revient compte comme nouvelle ; aucun profil biométrique n’est créé.',
    'samples-logged': ({ seconds, days }) =>
      `Tant qu’un visage est visible, l’appareil consigne à intervalles de ${seconds} s son expression apparente et ses probabilités (ou la raison pour laquelle aucune n’est reconnue), l’heure et un numéro d’ordre. Tout est effacé au bout de ${days} jours.`,
    'visits-logged': ({ days }) =>
      `Pour chaque visite, l’appareil consigne le début, la fin, la part de chaque expression apparente et les raisons lorsqu’aucune n’est reconnue. Tout est effacé au bout de ${days} jours.`,
    'sums-logged': ({ minutesDays, hoursDays }) =>
      `Les sommes sur toutes les personnes (combien, combien de temps, durée de chaque expression apparente) sont enregistrées par minute et supprimées après ${minutesDays} jours, celles par heure après ${hoursDays} jours.`,
    'copies-kept': ({ days }) =>
      `Une copie du journal faite avant une mise à jour, et un journal endommagé ou remplacé, sont effacés ${days} jours après la dernière écriture.`,
    'nothing-sent': () => 'Rien n’est envoyé à un autre appareil.',
    'readings-sent': ({ to }) =>
      `Les expressions apparentes, la position des visages dans l’image et les visites sont envoyées au serveur ${to}, jamais les images.`,
    'pictures-sent': ({ to }) =>
      `Les expressions apparentes, la position des visages dans l’image et les visites sont envoyées au serveur ${to}. Sur demande, une image y est aussi envoyée.`,
    'seen-here-only': () => 'L’image en direct n’est affichée que sur cet appareil.',
    'seen-over-network': ({ encrypted }) =>
      `Toute personne disposant du mot de passe ou d’un jeton peut voir l’image en direct par le réseau${encrypted ? ' ; la connexion est chiffrée' : ''}.`,
    'uploads-not-kept': () =>
      'Une image envoyée pour essayer l’appareil est analysée en mémoire, puis aussitôt effacée.',
  },
};
