import type { TryMessages } from './en.ts';

export const messages: TryMessages = {
  title: 'Essayer',
  lead: 'Choisissez une image avec des visages et voyez quelles expressions apparentes l’appareil y trouve.',
  kept: 'Rien n’est conservé. L’image est envoyée à cet appareil, analysée en mémoire, puis aussitôt effacée.',
  choose: 'Choisir une image',
  take: 'Prendre une photo',
  drop: 'ou en déposer une ici, ou la coller',
  dropNow: 'Déposez-la ici',
  formats: 'JPEG, PNG, WebP ou BMP ; jusqu’à 10 Mo et 40 mégapixels',

  cameraStarting: 'La caméra démarre',
  cameraPicture: 'Ce que voit la caméra',
  shoot: 'Prendre la photo',
  cancel: 'Annuler',
  cameraRefused:
    'Ce navigateur ne peut pas utiliser la caméra. Autorisez-la près de l’adresse, ou choisissez une image.',
  cameraMissing: 'Cette machine n’a pas de caméra. Choisissez plutôt une image.',
  cameraFailed: 'La caméra est inutilisable pour le moment. Un autre programme l’utilise peut-être.',

  looking: 'Analyse de l’image',
  picture: 'Votre image',
  pictureWith: (count) =>
    count === 1 ? 'Votre image avec un visage encadré' : `Votre image avec ${count} visages encadrés`,
  found: (count) => (count === 1 ? 'Un visage' : `${count} visages`),
  foundIn: (time) => `en ${time}`,
  face: (number) => `Visage ${number}`,
  uncertainHint: 'L’expression n’est pas assez nette.',
  none: 'Aucun visage trouvé',
  noneHint: 'Un visage est trouvé s’il est de face, éclairé et haut d’au moins 20 pixels environ.',
  another: 'Une autre image',
  retry: 'Réessayer',
  meaning: 'Une expression apparente est celle que d’autres verraient sur un visage, non ce que la personne ressent.',

  failed: 'Cette image n’a pas pu être analysée',
  tooLarge: (size) => `L’image fait ${size} ; 10 Mo au plus sont acceptés. Réduisez-la, ou prenez-en une autre.`,
  wrongType: (type) => `C’est ${type}. Une image JPEG, PNG, WebP ou BMP est attendue.`,
  unknownType: 'un fichier d’un autre type',
  noAnswer: 'L’appareil ne répond pas. Est-il allumé, et ce navigateur est-il sur son réseau ?',
  kioskPage: 'Page du kiosque',
};
