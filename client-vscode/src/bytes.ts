/** Bytes for a person: `35 MB`, `2.8 GB`. */
export function bytesInWords(bytes: number): string {
  return bytes < 1e8 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
