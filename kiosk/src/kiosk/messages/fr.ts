import { formatNumber, pluralOf } from '../../language/format.ts';
import type { Messages } from './en.ts';

export const messages: Messages = {
  defaultTitle: 'Mien',
  notice: 'Cet écran estime l’expression apparente des visages. Aucune image n’est enregistrée ni transmise.',
  privacy: 'Vie privée',
  privacyScan: 'Qu’est-ce qui est enregistré ? Scannez le code.',
  claim: (address, code) => `Pour configurer cet appareil, ouvrez ${address} et saisissez ${code}.`,

  apparentExpression: 'Expression apparente',
  apparentExpressionIs: (expression) => `Expression apparente : ${expression}`,
  unnamed: {
    small: 'Approchez-vous un peu.',
    turned: 'Regardez vers la caméra.',
    dark: 'Le visage n’est pas assez éclairé.',
    blurred: 'L’image est floue. Ne bougez pas un instant.',
    covered: 'Une partie du visage est cachée.',
    ambiguous: 'Plusieurs expressions sont possibles.',
    unknown: 'L’expression n’est pas claire pour l’instant.',
  },
  people: (count) => (count === 1 ? 'une personne à l’image' : `la plus proche des ${formatNumber(count)} personnes`),
  more: (count) =>
    `et ${formatNumber(count)} ${pluralOf(count, { one: 'autre personne', other: 'autres personnes' })} à l’image`,
  eachFace: 'Tous les visages, de gauche à droite',
  allExpressions: 'Toutes les expressions de ce visage',
  livePicture: 'Image en direct',
  nobody: 'Personne à l’image',
  noReading: 'Pas de résultat',
  noReadingHint: 'Reprise dès le retour de l’image.',

  invitation: 'Placez-vous devant la caméra',
  invitationHint: 'Découvrez l’expression que semble montrer votre visage.',
  theExpressions: 'Les expressions et leurs couleurs',

  lastHour: 'Dernière heure',
  today: 'Aujourd’hui',
  now: 'maintenant',
  lookedHappy: (share) => `${share} ont l’air joyeux`,
  mostly: (expression) => `surtout : ${expression}`,
  visits: (count) => `${formatNumber(count)} ${pluralOf(count, { one: 'visite', other: 'visites' })}`,
  seen: {
    hour: 'Temps pendant lequel des personnes ont été vues, minute par minute, selon l’expression apparente',
    today: 'Temps pendant lequel des personnes ont été vues, heure par heure, selon l’expression apparente',
  },
  fills: 'se remplit peu à peu',

  connecting: { title: 'Connexion en cours', hint: 'Un instant, s’il vous plaît.' },
  loading: { title: 'L’appareil se charge', hint: 'Sur un appareil lent, cela prend quelques minutes.' },
  starting: { title: 'La caméra démarre', hint: 'Un instant, s’il vous plaît.' },
  restarting: { title: 'La reconnaissance redémarre', hint: 'Cela ne prend que quelques secondes.' },
  paused: { title: 'En pause', hint: 'La caméra est éteinte. Personne n’est vu, rien n’est enregistré.' },
  ended: { title: 'L’enregistrement est terminé', hint: 'Il n’est lu qu’une fois.' },
  model: {
    'model-missing': {
      title: 'Reconnaissance indisponible',
      hint: 'Un fichier manque. Merci de prévenir le personnel.',
    },
    'model-invalid': {
      title: 'Reconnaissance indisponible',
      hint: 'Un fichier est endommagé. Merci de prévenir le personnel.',
    },
  },
  stale: 'L’image est figée',
  reconnecting: 'Connexion interrompue',
  reconnectingHint: 'Reconnexion automatique en cours.',
  pictureAge: (duration) => `La dernière image date d’il y a ${duration}.`,

  status: 'État',
  camera: {
    'camera-missing': { title: 'Pas de caméra', hint: 'L’image reviendra dès que la caméra sera branchée.' },
    'camera-busy': { title: 'Caméra occupée', hint: 'Un autre programme utilise la caméra.' },
    'camera-stalled': { title: 'La caméra n’envoie pas d’image', hint: 'Reconnexion automatique en cours.' },
    'camera-unreadable': { title: 'La caméra n’envoie pas d’image', hint: 'Merci de prévenir le personnel.' },
    unknown: { title: 'La caméra n’envoie pas d’image', hint: 'Reconnexion automatique en cours.' },
  },
  store: {
    'disk-full': 'Les visites ne sont pas consignées pour l’instant : la mémoire est pleine.',
    'store-unwritable': 'Les visites ne sont pas consignées pour l’instant.',
    'store-damaged': 'Le journal des visites est endommagé. Merci de prévenir le personnel.',
    'store-newer': 'Les visites ne sont pas consignées : le journal vient d’une version plus récente.',
    'store-salvaging': 'Les visites précédentes sont en cours de restauration.',
    unknown: 'Les visites ne sont pas consignées pour l’instant.',
  },
  governor: {
    hot: 'Reconnaissance ralentie, le temps que l’appareil refroidisse.',
    undervoltage: 'Reconnaissance ralentie : l’appareil est mal alimenté.',
    throttled: 'Reconnaissance ralentie pour ménager l’appareil.',
    unknown: 'Reconnaissance ralentie pour ménager l’appareil.',
  },
  mqtt: {
    'broker-unreachable': 'Les résultats seront envoyés plus tard : serveur injoignable.',
    'broker-refused': 'Les résultats seront envoyés plus tard : le serveur refuse l’accès.',
    'broker-untrusted': 'Les résultats seront envoyés plus tard : le serveur n’est pas reconnu comme sûr.',
    unknown: 'Les résultats seront envoyés plus tard : serveur injoignable.',
  },
  vision: {
    'detector-fallback': 'Les visages de profil ne sont pas reconnus pour l’instant.',
    unknown: 'La reconnaissance est limitée pour l’instant.',
  },
};
