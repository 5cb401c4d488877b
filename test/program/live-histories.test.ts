import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { Check } from './histories/check.js';
import { openGround, type Ground } from './histories/ground.js';
import { Steps } from './histories/steps.js';

/**
 * The built service between both sandboxes while everybody acts and everything fails at random; once it is quiet, both
 * sides must tell the same story. CARTONA_TEST_HISTORIES sets how many histories, CARTONA_TEST_PARALLEL how many go on
 * at once, CARTONA_TEST_SEED the seed of the first one; each further history has the next seed. A failure names the
 * command that begins with its history.
 *
 * A seed replays: the supplier's data, the Odoo version and the settings, how many steps there are, which kind each step is,
 * and the numbers that are drawn in it. It does not replay: when a step meets the service, how the processes, requests
 * and answers interleave, and what depends on that (which of the orders of that moment a number picks, which request a
 * fault hits). So a failure may need several runs of its seed, on a machine as busy, to come again.
 */
const HISTORIES = Number(process.env['CARTONA_TEST_HISTORIES'] ?? '6');
const SEED = Number(process.env['CARTONA_TEST_SEED'] ?? String(Date.now() % 1_000_000));
const PARALLEL = Number(process.env['CARTONA_TEST_PARALLEL'] ?? '3');
const VERSIONS = [16, 18, 19] as const;
const QUIET_MS = 60_000;
const POLL_MS = 400;

const replayOf = (seed: number): string =>
  `CARTONA_TEST_SEED=${seed} CARTONA_TEST_HISTORIES=1 npx vitest run test/program/live-histories.test.ts takes the same steps with the same numbers; how they interleave with the service is new in each run, so it may take several.`;

const waited = new Map<string, number>();

/**
 * Waits until both sides are equal and stay so without another word between them. @returns what is not as it must be
 */
async function quiet(ground: Ground, steps: Steps, approved = false): Promise<string[]> {
  const writes = (): number =>
    ground.market.state.requests
      .list()
      .filter(({ method, path }) => method === 'POST' && !path.endsWith('update-order-status')).length;
  let calm = 0;
  for (const until = Date.now() + QUIET_MS; ;) {
    const before = writes();
    const check = await new Check(ground, steps, approved).run();
    const problems = [...check.problems, ...ground.services.flatMap((service) => service.fallen ?? [])];
    await sleep(POLL_MS);
    calm = problems.length === 0 && writes() === before ? calm + 1 : 0;
    if (calm >= 3) {
      if (!approved) for (const one of check.waiting) count(one);
      return ground.watch.faults();
    }
    if (Date.now() > until)
      return [...(problems.length === 0 ? ['it does not become quiet'] : problems), ...ground.watch.faults()];
  }
}

function count(reason: string): void {
  const kind = reason.replace(/[a-z0-9]{20}|S\d{5}|\b[\d.]+\b|CRT-\w+/g, '…').slice(0, 110);
  waited.set(kind, (waited.get(kind) ?? 0) + 1);
}

async function history(seed: number, version: (typeof VERSIONS)[number]): Promise<string | undefined> {
  const ground = await openGround(seed, version);
  try {
    const steps = new Steps(ground);
    for (const service of ground.services) await service.start();
    const count = ground.random.int(20, 60);
    const approves = ground.random.chance(0.5);
    for (let taken = 0; taken < count; taken += 1) await steps.take();
    await steps.rest();
    const problems = await quiet(ground, steps);
    if (problems.length === 0 && approves) {
      ground.command(['approve', '--yes']);
      await ground.commandsEnded();
      ground.command(['failures', 'retry', '--all']);
      await ground.commandsEnded();
      problems.push(...(await quiet(ground, steps, true)));
    }
    if (problems.length === 0) return undefined;
    return [
      `History ${seed} on Odoo ${version}:`,
      replayOf(seed),
      ...problems.map((one) => `  * ${one}`),
      'What happened:',
      ...ground.told,
      ...ground.services.flatMap((service) => ['What the service said:', service.said()]),
    ].join('\n');
  } finally {
    await ground.close();
  }
}

describe(`${HISTORIES} random histories of the service (CARTONA_TEST_SEED=${SEED})`, () => {
  afterAll(() => {
    if (process.env['CARTONA_TEST_VERBOSE'])
      console.log(
        [...waited]
          .sort((a, b) => b[1] - a[1])
          .map(([kind, times]) => `${times} × ${kind}`)
          .join('\n'),
      );
  });

  it(
    'both sides are equal in the end but for what is named, no order is doubled or lost, and no step was illegal',
    async () => {
      const failures: string[] = [];
      let next = 0;
      const worker = async (): Promise<void> => {
        while (next < HISTORIES && failures.length < 5) {
          const at = next;
          next += 1;
          const failure = await history(SEED + at, VERSIONS[(SEED + at) % VERSIONS.length] ?? 18);
          if (failure !== undefined) failures.push(failure);
        }
      };
      await Promise.all(Array.from({ length: PARALLEL }, worker));
      expect(failures.join('\n\n')).toBe('');
    },
    180_000 + HISTORIES * 60_000,
  );
});
