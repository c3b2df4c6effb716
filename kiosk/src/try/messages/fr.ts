import type { TryMessages } from './en.ts';

export const messages: TryMessages = {
  title: 'Faites l’essai',
  lead: 'Choisissez une photo avec des visages et découvrez les expressions apparentes que l’appareil y reconnaît.',
  kept: 'Rien n’est enregistré. L’image est envoyée à cet appareil, analysée en mémoire, puis aussitôt effacée.',
  choose: 'Choisir une image',
  take: 'Prendre une photo',
  drop: 'ou déposez-la ou collez-la ici',
  dropNow: 'Déposez-la ici',
  formats: 'JPEG, PNG, WebP ou BMP ; jusqu’à 10 Mo et 40 mégapixels',

  cameraStarting: 'La caméra démarre',
  cameraPicture: 'Ce que voit la caméra',
  shoot: 'Déclencher',
  cancel: 'Annuler',
  cameraRefused:
    'Ce navigateur ne peut pas utiliser la caméra. Autorisez-la à côté de l’adresse, ou choisissez une image.',
  cameraMissing: 'Aucune caméra sur cet appareil. Choisissez plutôt une image.',
  cameraFailed: 'La caméra est inutilisable pour le moment. Un autre programme l’utilise peut-être.',

  looking: 'Analyse de l’image',
  picture: 'Votre image',
  pictureWith: (count) =>
    count === 1 ? 'Votre image avec un visage encadré' : `Votre image avec ${count} visages encadrés`,
  found: (count) => (count === 1 ? 'Un visage' : `${count} visages`),
  foundIn: (time) => `analysé en ${time}`,
  face: (number) => `Visage ${number}`,
  uncertainHint: 'L’expression n’est pas assez nette.',
  none: 'Aucun visage trouvé',
  noneHint: 'Un visage est trouvé s’il est de face, éclairé et haut d’au moins 20 pixels environ.',
  another: 'Autre image',
  retry: 'Réessayer',
  meaning: 'L’expression apparente est celle que les autres voient sur un visage, pas ce que la personne ressent.',

  failed: 'Cette image n’a pas pu être analysée',
  tooLarge: (size) => `L’image fait ${size} ; 10 Mo au plus sont acceptés. Réduisez-la, ou choisissez-en une autre.`,
  wrongType: (type) => `C’est ${type}. Une image JPEG, PNG, WebP ou BMP est attendue.`,
  refused: {
    type: 'Ce n’est pas une image JPEG, PNG, WebP ou BMP.',
    size: 'L’image est trop petite, ou dépasse 40 mégapixels.',
    damaged: 'Le fichier est endommagé ou incomplet. Choisissez-en un autre.',
    slow: 'L’analyse de cette image est trop longue. Choisissez-en une plus petite.',
    busy: 'L’appareil est occupé. Réessayez dans un instant.',
    unavailable: 'La reconnaissance est indisponible pour le moment. Réessayez plus tard.',
    unknown: 'Une erreur est survenue sur l’appareil. Essayez une autre image.',
  },
  loginNeeded: 'Votre session a expiré. Rechargez la page pour vous reconnecter.',
  cannotShow: 'Ce navigateur ne peut pas afficher l’image. Choisissez-en une autre.',
  unknownType: 'un fichier d’un autre type',
  noAnswer: 'L’appareil ne répond pas. Est-il allumé, et ce navigateur est-il sur son réseau ?',
  kioskPage: 'Image en direct',
};
