import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Files that share one real Odoo would hear each other's changes, and meet it while it reloads its models.
    fileParallelism: process.env['CARTONA_TEST_ODOO_URL'] === undefined,
    // Only ends a test that hangs. Whole-program tests start the built binary many times, on machines that are slow at times.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // One more than there are cores: tests often wait, for a pause between polls or a process of their own.
    maxWorkers: availableParallelism() + 1,
    // oclif's output capture needs the real console.
    disableConsoleIntercept: true,
    // CI reads the counts from a file.
    reporters: process.env['CARTONA_TEST_REPORT']
      ? ['default', ['json', { outputFile: process.env['CARTONA_TEST_REPORT'] }]]
      : ['default'],
  },
});
