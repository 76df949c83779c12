import { defineConfig } from 'vitest/config';

/** One file after the other and no second chances: what fails once on a busy machine is a fault to be found. */
export default defineConfig({
  test: {
    include: ['*.test.ts'],
    globalSetup: ['clean.ts'],
    fileParallelism: false,
    maxWorkers: 1,
    retry: 0,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: ['verbose'],
  },
});
