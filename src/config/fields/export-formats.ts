// The formats of an export; loaded by every command, and therefore without imports.

export const EXPORT_FORMATS = ['plain', 'postscreen', 'nft', 'haproxy'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
