import { CHOOSE_PYTHON, RETRY, SHOW_LOG, SetUpFailure, noVenv } from './failures';
import type { Machine } from './machine';
import type { Ended } from './processes';

/** What an installer writes when it fails for one reason, and that reason for a person. */
interface Reason {
  readonly pattern: RegExp;
  readonly tell: (machine: Machine, match: RegExpExecArray) => SetUpFailure;
}

/** The first that fits counts: an installer that has lost the network also says that it finds no package. */
const REASONS: readonly Reason[] = [
  {
    pattern: /No space left on device|ENOSPC|Errno 28|not enough space on the disk|Disk quota exceeded|Errno 122/,
    tell: () => new SetUpFailure('The disk is full.', 'Free some disk space, and try again.', [RETRY, SHOW_LOG]),
  },
  {
    pattern: /DO NOT MATCH THE HASHES|[Hh]ash mismatch/,
    // Older versions of pip take a download that broke off for a whole one.
    tell: () =>
      new SetUpFailure(
        'A package that was downloaded is not the one that this extension was made with, so nothing of it was installed.',
        'If the network was lost, try again; if that does not help, a proxy or mirror on the way changes packages.',
        [RETRY, SHOW_LOG],
      ),
  },
  {
    pattern: /CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSLError|UnknownIssuer|invalid peer certificate/,
    tell: () =>
      new SetUpFailure(
        'The certificate of the package index was not accepted.',
        'Behind a proxy that reads along, name its certificate in the variable PIP_CERT or in pip’s configuration.',
        [RETRY, SHOW_LOG],
      ),
  },
  {
    pattern: networkPattern(),
    tell: () =>
      new SetUpFailure(
        'The network failed while packages were downloaded.',
        'What has arrived is kept: try again when you are connected.',
        [RETRY, SHOW_LOG],
      ),
  },
  {
    pattern: /(?:No matching distribution found for|satisfies the requirement|no wheels? (?:with|for)) ?([\w.-]*)/,
    tell: ({ platform, arch }, [, name = '']) =>
      new SetUpFailure(
        `There is no ready-made package of ${name || 'a dependency'} for this machine (${platform}, ${arch}).`,
        'See that the network is there; a mirror of the package index may lack it, and another Python may have one.',
        [CHOOSE_PYTHON, RETRY, SHOW_LOG],
      ),
  },
  {
    pattern: /(?:Permission denied|Access is denied)(?:: '?([^'\n]+))?/,
    tell: (_machine, [, path]) =>
      new SetUpFailure(
        `A file could not be written${path === undefined ? '' : `: ${path}`}.`,
        'Make it writable, and try again.',
        [RETRY, SHOW_LOG],
      ),
  },
];

/** Reads from what an installer wrote why it failed. */
export function installFailure(machine: Machine, ended: Ended): SetUpFailure {
  const text = ended.lines.join('\n');
  for (const { pattern, tell } of REASONS) {
    const match = pattern.exec(text);
    if (match !== null) {
      return tell(machine, match);
    }
  }
  const sentence = `The server could not be installed: ${lastWords(ended)}`;
  return new SetUpFailure(sentence, 'The log says more.', [RETRY, SHOW_LOG]);
}

/** The making of the environment failed. */
export function venvFailure(machine: Machine, python: string, version: string, ended: Ended): SetUpFailure {
  return /ensurepip|No module named '?venv/.test(ended.lines.join('\n'))
    ? noVenv(machine, python, version)
    : installFailure(machine, ended);
}

function networkPattern(): RegExp {
  const pip =
    'NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProtocolError|IncompleteRead|ProxyError';
  const system = 'Connection (?:reset|refused|aborted|broken)|getaddrinfo|name resolution|[Nn]etwork is unreachable';
  const others =
    'Read timed out|Max retries|error sending request|dns error|[Oo]peration timed out|5\\d\\d Server Error';
  return new RegExp([pip, system, others].join('|'));
}

function lastWords({ code, lines }: Ended): string {
  const said = lines.findLast((line) => /\berror\b/i.test(line)) ?? lines.findLast((line) => line.trim() !== '');
  return said === undefined ? `the installer ended with exit code ${String(code)}.` : said.trim();
}
