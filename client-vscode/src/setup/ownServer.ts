import type { Launch, NeedsSetUp, ServerCommand } from '../server/command';
import { Failure } from '../server/failure';
import type { EnvironmentState, Environments } from './environments';

const REASONS: Readonly<Record<Exclude<EnvironmentState, 'whole'>, string>> = {
  missing: 'The language server is not installed yet.',
  outdated: 'The language server is of another version than the extension, and has to be updated.',
  broken: 'The language server’s installation is not whole; set-up repairs it.',
};

/** The server in the extension's own environment. */
export class OwnServer implements ServerCommand {
  #started = false;

  constructor(private readonly environments: Environments) {}

  async resolve(): Promise<Launch | NeedsSetUp> {
    try {
      const state = await this.environments.state();
      if (state !== 'whole') {
        return { needsSetUp: REASONS[state] };
      }
      // Asked again, it is after a crash or a restart: only then it is worth the time to see whether it runs at all.
      if (this.#started && !(await this.environments.works())) {
        return { needsSetUp: REASONS.broken };
      }
      this.#started = true;
      return await this.environments.launch();
    } catch (error) {
      if (error instanceof Failure) {
        return { needsSetUp: error.message };
      }
      throw error;
    }
  }
}
