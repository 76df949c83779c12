import type { Progress } from '../server/connection';

/** Downloading takes this share of an installation; unpacking takes the rest. */
const DOWNLOAD_PERCENT = 80;

const UNITS: Readonly<Record<string, number>> = {
  bytes: 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** Reads from what pip or uv writes how far the download is. It knows the whole in advance, since the lock is known. */
export class InstallerLines {
  /** Of packages that have arrived whole. */
  #bytes = 0;
  #current = 0;
  #name = '';
  #percent = 0;

  constructor(private readonly totalBytes: number) {}

  /** What a line tells; undefined where that is nothing. */
  take(line: string): Progress | undefined {
    const partly = /^Progress (\d+) of \d+$/.exec(line.trim());
    if (partly !== null) {
      return this.#at(Number(partly[1]));
    }
    const file = /(?:Downloading|Using cached) ([^\s(]+) \(([\d.]+) ?([A-Za-z]+)\)/.exec(line);
    if (file !== null && file[1]?.endsWith('.metadata') !== true) {
      this.#bytes += this.#current;
      this.#current = Number(file[2]) * (UNITS[file[3] ?? ''] ?? 0);
      this.#name = /^(.+?)-\d/.exec(file[1] ?? '')?.[1] ?? file[1] ?? '';
      return line.includes('Using cached') ? this.#at(this.#current) : this.#at(0);
    }
    if (/^(?:Installing collected packages|Prepared \d+ packages?)/.test(line.trim())) {
      this.#percent = Math.max(this.#percent, DOWNLOAD_PERCENT);
      return { message: 'Unpacking packages', percent: this.#percent };
    }
    return undefined;
  }

  /** So many bytes of the present package are here; the whole never falls. */
  #at(bytes: number): Progress {
    const share = Math.min(1, (this.#bytes + bytes) / Math.max(1, this.totalBytes));
    this.#percent = Math.max(this.#percent, Math.floor(DOWNLOAD_PERCENT * share));
    return { message: `Downloading ${this.#name}`, percent: this.#percent };
  }
}
