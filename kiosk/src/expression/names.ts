import type { Language } from '../language/language.ts';
import type { Expression } from './expressions.ts';

type Names = Readonly<Record<Expression | 'uncertain', string>>;

/** How an apparent expression is called on the screen. */
export const names: Readonly<Record<Language, Names>> = {
  en: {
    neutral: 'Neutral',
    happy: 'Happy',
    surprise: 'Surprised',
    sad: 'Sad',
    fear: 'Fearful',
    disgust: 'Disgusted',
    angry: 'Angry',
    uncertain: 'Uncertain',
  },
  de: {
    neutral: 'Neutral',
    happy: 'Fröhlich',
    surprise: 'Überrascht',
    sad: 'Traurig',
    fear: 'Ängstlich',
    disgust: 'Angeekelt',
    angry: 'Wütend',
    uncertain: 'Unsicher',
  },
  fr: {
    neutral: 'Neutre',
    happy: 'Joie',
    surprise: 'Surprise',
    sad: 'Tristesse',
    fear: 'Peur',
    disgust: 'Dégoût',
    angry: 'Colère',
    uncertain: 'Incertain',
  },
  es: {
    neutral: 'Neutral',
    happy: 'Alegría',
    surprise: 'Sorpresa',
    sad: 'Tristeza',
    fear: 'Miedo',
    disgust: 'Asco',
    angry: 'Enfado',
    uncertain: 'Dudoso',
  },
  ur: {
    neutral: 'بے تاثر',
    happy: 'خوش',
    surprise: 'حیران',
    sad: 'اداس',
    fear: 'خوفزدہ',
    disgust: 'بیزار',
    angry: 'ناراض',
    uncertain: 'غیر واضح',
  },
};
