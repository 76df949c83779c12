import type { Remedy, SetUpFailure } from './failures';
import type { Machine } from './machine';

const PYTHON_DOWNLOADS: Remedy = { kind: 'web', url: 'https://www.python.org/downloads/' };

/** How a person gets a Python: in words, and as buttons. */
export function gettingPython({ platform, distributions }: Machine): Pick<SetUpFailure, 'hint' | 'remedies'> {
  if (platform === 'win32') {
    return {
      hint: 'Install it from python.org or the Microsoft Store.',
      remedies: [{ kind: 'terminal', command: 'winget install Python.Python.3.13' }, PYTHON_DOWNLOADS],
    };
  }
  if (platform === 'darwin') {
    return {
      hint: 'Install it with Homebrew or from python.org; the one that Xcode brings is too old.',
      remedies: [{ kind: 'terminal', command: 'brew install python@3.13' }, PYTHON_DOWNLOADS],
    };
  }
  const command = distributionCommand(distributions, {
    debian: 'sudo apt install python3 python3-venv',
    fedora: 'sudo dnf install python3.12',
    suse: 'sudo zypper install python312',
    arch: 'sudo pacman -S python',
  });
  return command === undefined
    ? { hint: 'Install it with your system’s package manager.', remedies: [PYTHON_DOWNLOADS] }
    : { hint: `Run: ${command}`, remedies: [{ kind: 'terminal', command }] };
}

/** The command that gives a Python what it lacks to make environments; undefined where there is none. */
export function venvCommand({ platform, distributions }: Machine, minor: string): string | undefined {
  if (platform === 'darwin') {
    return `brew install python@${minor}`;
  }
  return distributionCommand(distributions, {
    debian: `sudo apt install python${minor}-venv`,
    fedora: `sudo dnf install python${minor}`,
    suse: `sudo zypper install python${minor.replace('.', '')}`,
    arch: undefined,
  });
}

type Family = 'debian' | 'fedora' | 'suse' | 'arch';

const FAMILIES: Readonly<Record<Family, readonly string[]>> = {
  debian: ['debian', 'ubuntu'],
  fedora: ['fedora', 'rhel', 'centos'],
  suse: ['suse', 'opensuse'],
  arch: ['arch'],
};

function distributionCommand(
  names: readonly string[],
  commands: Readonly<Record<Family, string | undefined>>,
): string | undefined {
  const families: readonly Family[] = ['debian', 'fedora', 'suse', 'arch'];
  const family = families.find((one) => FAMILIES[one].some((name) => names.includes(name)));
  return family === undefined ? undefined : commands[family];
}
