import type { UncertainReason } from '../../../device/core/labels.ts';
import type { Language } from '../language/language.ts';
import type { Expression } from './known.ts';

type Names = Readonly<Record<Expression | 'uncertain', string>>;

/**
 * Names of the apparent expressions on the screen. A name describes the expression and not the person: each fits
 * after "Apparent expression:" in its language, also the one for a face without a name.
 */
export const names: Readonly<Record<Language, Names>> = {
  en: {
    neutral: 'Neutral',
    happy: 'Happy',
    surprise: 'Surprised',
    sad: 'Sad',
    fear: 'Fearful',
    disgust: 'Disgusted',
    angry: 'Angry',
    uncertain: 'Not clear',
  },
  de: {
    neutral: 'Neutral',
    happy: 'Fröhlich',
    surprise: 'Überrascht',
    sad: 'Traurig',
    fear: 'Ängstlich',
    disgust: 'Angeekelt',
    angry: 'Wütend',
    uncertain: 'Nicht erkennbar',
  },
  fr: {
    neutral: 'Neutre',
    happy: 'Joie',
    surprise: 'Surprise',
    sad: 'Tristesse',
    fear: 'Peur',
    disgust: 'Dégoût',
    angry: 'Colère',
    uncertain: 'Indéterminée',
  },
  es: {
    neutral: 'Neutral',
    happy: 'Alegría',
    surprise: 'Sorpresa',
    sad: 'Tristeza',
    fear: 'Miedo',
    disgust: 'Asco',
    angry: 'Enfado',
    uncertain: 'No se reconoce',
  },
  ur: {
    neutral: 'معمول کا',
    happy: 'خوشی',
    surprise: 'حیرت',
    sad: 'اداسی',
    fear: 'خوف',
    disgust: 'کراہت',
    angry: 'غصہ',
    uncertain: 'غیر واضح',
  },
};

/** Reasons for a face without a name, inside a sentence. The words are about the picture, never about the person. */
export const reasonNames: Readonly<Record<Language, Readonly<Record<UncertainReason, string>>>> = {
  en: {
    small: 'too far away',
    turned: 'turned away',
    dark: 'too little light',
    blurred: 'blurred picture',
    covered: 'partly covered',
    ambiguous: 'ambiguous expression',
  },
  de: {
    small: 'zu weit weg',
    turned: 'abgewandt',
    dark: 'zu wenig Licht',
    blurred: 'unscharfes Bild',
    covered: 'teilweise verdeckt',
    ambiguous: 'mehrdeutiger Ausdruck',
  },
  fr: {
    small: 'trop loin',
    turned: 'visage tourné',
    dark: 'trop peu de lumière',
    blurred: 'image floue',
    covered: 'visage caché en partie',
    ambiguous: 'expression ambiguë',
  },
  es: {
    small: 'demasiado lejos',
    turned: 'rostro de lado',
    dark: 'poca luz',
    blurred: 'imagen borrosa',
    covered: 'rostro tapado en parte',
    ambiguous: 'expresión ambigua',
  },
  ur: {
    small: 'بہت دور',
    turned: 'رخ دوسری طرف',
    dark: 'روشنی کم',
    blurred: 'تصویر دھندلی',
    covered: 'چہرہ کچھ چھپا ہوا',
    ambiguous: 'تاثر مبہم',
  },
};
