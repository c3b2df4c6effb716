/** The expressions that have a colour and a glyph of their own, from the bottom of the chart to its top. */
export const knownExpressions = ['neutral', 'happy', 'surprise', 'sad', 'fear', 'disgust', 'angry'] as const;

export type Expression = (typeof knownExpressions)[number];
