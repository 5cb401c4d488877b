import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Whole-program tests start the built binary many times; the machines that run them are shared and slow at times.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // oclif's output capture needs the real console.
    disableConsoleIntercept: true,
    // CI reads the counts from a file.
    reporters: process.env['CARTONA_TEST_REPORT']
      ? ['default', ['json', { outputFile: process.env['CARTONA_TEST_REPORT'] }]]
      : ['default'],
  },
});
