import type { Messages } from './en.ts';

export const messages: Messages = {
  title: 'Connexion',
  intro: 'Pour les personnes qui s’occupent de cet appareil.',
  password: 'Mot de passe ou jeton',
  show: 'Afficher',
  hide: 'Masquer',
  logIn: 'Se connecter',
  loggingIn: 'Connexion en cours',
  noPassword:
    'Aucun mot de passe n’est défini sur cet appareil. Saisissez un jeton ou créez un lien sur l’appareil lui-même :',
  notEncrypted: 'Cette connexion n’est pas chiffrée. D’autres personnes sur ce réseau pourraient lire le mot de passe.',
  claimIntro:
    'Cet appareil n’a pas encore d’exploitant. Saisissez le code affiché à l’écran et choisissez un mot de passe.',
  claimCode: 'Code affiché à l’écran',
  newPassword: 'Nouveau mot de passe (8 caractères au moins)',
  claim: 'Définir le mot de passe',
  wrongCode: 'Ce n’est pas le code affiché à l’écran, ou cet appareil a déjà un exploitant.',

  wrongPassword: 'Ce n’est ni le mot de passe ni un jeton de cet appareil.',
  wrongLink: 'Ce lien a expiré ou a déjà servi. Créez-en un nouveau sur l’appareil :',
  tooMany: 'Trop de tentatives. Attendez une demi-minute, puis réessayez.',
  busy: 'Trop de connexions en même temps. Réessayez dans un instant.',
  noAnswer: 'L’appareil ne répond pas. Est-il allumé, et êtes-vous sur le même réseau ?',

  failed: 'Une erreur est survenue sur l’appareil. Réessayez dans un instant.',

  operator: 'Connexion ouverte en tant qu’opérateur.',
  viewer: 'Connexion ouverte en lecture seule.',
  toAdmin: 'Page de l’opérateur',
  toKiosk: 'Image en direct',
  logOut: 'Se déconnecter',
};
