import { startCli } from '../../fixtures/cli.js';

/** `cartona serve` as a process of its own, which may be killed and started again at the same port. */
export class Service {
  #running: ReturnType<typeof startCli> | undefined;
  readonly #outputs: string[] = [];
  #killed = false;

  /** @param flags of `serve`, beside the port */
  constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly port: number,
    private readonly flags: readonly string[] = [],
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, and waits until it takes webhooks. @throws when it ends instead */
  async start(): Promise<void> {
    const running = startCli(['serve', '--port', String(this.port), ...this.flags], { env: this.env });
    this.#running = running;
    this.#killed = false;
    const ended = running.ended.then((result) => {
      this.#outputs.push(result.stdout + result.stderr);
      return result;
    });
    for (;;) {
      const result = await Promise.race([
        ended,
        new Promise<undefined>((resolve) => setTimeout(resolve, 20, undefined)),
      ]);
      if (result) throw new Error(`the service ended with ${result.code}: ${result.stderr}`);
      if (running.stdoutSoFar().includes('Ready.')) return;
    }
  }

  /** kill -9 */
  async kill(): Promise<void> {
    const running = this.#running;
    this.#killed = true;
    running?.child.kill('SIGKILL');
    await running?.ended;
    this.#running = undefined;
  }

  /** Asks it to end. @returns its exit code */
  async stop(): Promise<number> {
    const running = this.#running;
    this.#killed = true;
    running?.child.kill('SIGTERM');
    const result = await running?.ended;
    this.#running = undefined;
    return result?.code ?? 0;
  }

  /** Why it runs no more although nobody ended it. */
  get fallen(): string | undefined {
    const child = this.#running?.child;
    return !this.#killed && child && (child.exitCode !== null || child.signalCode !== null)
      ? `the service ended by itself with ${child.exitCode ?? child.signalCode}`
      : undefined;
  }

  /** What it and its predecessors said, oldest first. */
  said(): string {
    return [...this.#outputs, this.#running ? this.#running.stdoutSoFar() + this.#running.stderrSoFar() : ''].join(
      '---- (killed)\n',
    );
  }
}
