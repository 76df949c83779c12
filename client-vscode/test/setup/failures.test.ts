import { expect, test } from 'vitest';

import { bytesInWords } from '../../src/bytes';
import { installFailure } from '../../src/setup/installerFailures';
import type { Machine } from '../../src/setup/machine';

const MACHINE: Machine = { platform: 'linux', arch: 'x64', version: 36, distributions: ['debian'] };

const RESOLUTION = '[Errno -3] Temporary failure in name resolution';

test.each([
  [
    'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.',
    'A package that was downloaded is not the one that this extension was made with, so nothing of it was installed.',
  ],
  [
    'error: Hash mismatch for `rich==15.0.0`',
    'A package that was downloaded is not the one that this extension was made with, so nothing of it was installed.',
  ],
  [`NewConnectionError('Failed to establish: ${RESOLUTION}')`, 'The network failed while packages were downloaded.'],
  ['error: error sending request for url', 'The network failed while packages were downloaded.'],
  [
    'pip._vendor.urllib3.exceptions.ReadTimeoutError: Read timed out.',
    'The network failed while packages were downloaded.',
  ],
  ['ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device', 'The disk is full.'],
  ['error: failed to write: There is not enough space on the disk. (os error 112)', 'The disk is full.'],
  [
    'SSLError(SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"))',
    'The certificate of the package index was not accepted.',
  ],
  [
    'ERROR: No matching distribution found for google-re2==1.1',
    'There is no ready-made package of google-re2 for this machine (linux, x64).',
  ],
  ["ERROR: [Errno 13] Permission denied: '/x/y'", 'A file could not be written: /x/y.'],
  ['ERROR: something new', 'The server could not be installed: ERROR: something new'],
  ['', 'The server could not be installed: the installer ended with exit code 1.'],
])('what an installer wrote is one sentence, and can be tried again: %s', (line, sentence) => {
  const failure = installFailure(MACHINE, {
    code: 1,
    stdout: [],
    lines: ['Collecting rich', line].slice(line === '' ? 2 : 0),
  });
  expect(failure.message).toBe(sentence);
  expect(failure.hint).not.toBe('');
  expect(failure.remedies).toContainEqual({ kind: 'retry' });
});

test('a missing package after a failed connection is the network’s fault', () => {
  const lines = ['WARNING: Retrying (NewConnectionError)', 'ERROR: No matching distribution found for rich==15.0.0'];
  expect(installFailure(MACHINE, { code: 1, stdout: [], lines }).message).toMatch(/^The network failed/);
});

test('sizes are told in the unit that a person reads', () => {
  expect([46_890_732, 100_888_873, 491_400_064, 2_029_541_240].map(bytesInWords)).toEqual([
    '47 MB',
    '0.1 GB',
    '0.5 GB',
    '2.0 GB',
  ]);
});
