import type { Messages } from './en.ts';

export const messages: Messages = {
  kinds: {
    operators: {
      title: 'Réservé aux exploitants',
      text: 'Vous êtes connecté en tant que spectateur. Cette page est destinée aux personnes qui gèrent l’appareil.',
    },
    token: {
      title: 'Jeton incorrect',
      text: 'Le mot de passe ou le jeton envoyé par votre navigateur n’est pas celui de cet appareil.',
    },
    host: {
      title: 'Adresse inconnue',
      text: 'Le nom indiqué dans la barre d’adresse n’est pas connu de cet appareil.',
    },
    unknown: { title: 'Page introuvable', text: 'Il n’y a pas de page à cette adresse.' },
    method: {
      title: 'Pas une page',
      text: 'Cette adresse est destinée aux programmes. Un navigateur ne peut pas l’ouvrir.',
    },
    busy: { title: 'Trop de requêtes', text: 'Patientez un instant, puis réessayez.' },
    unavailable: {
      title: 'Indisponible',
      text: 'L’appareil ne peut pas afficher cette page pour le moment. Réessayez plus tard.',
    },
    refused: { title: 'Non autorisé', text: 'L’appareil a refusé cette requête.' },
  },
  logIn: 'Se connecter en tant qu’exploitant',
  toKiosk: 'Aller à la page du kiosque',
};
