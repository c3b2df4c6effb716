/** The tables of the log that can be exported, and the formats. The pages use these lists too. */
export const exportTables = ['visits', 'minutes', 'hours', 'samples'] as const;
export type ExportTable = (typeof exportTables)[number];

/** `jsonl`: JSON Lines, one object per line. */
export const exportFormats = ['csv', 'jsonl', 'parquet'] as const;
export type ExportFormat = (typeof exportFormats)[number];
