/** How the language server is started. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment of the extension host. */
  readonly env: Readonly<Record<string, string>>;
}

/** There is nothing to start yet; the sentence tells a person why. */
export interface NeedsSetUp {
  readonly needsSetUp: string;
}

/** Says which program the language server is. Asked anew before every start. */
export interface ServerCommand {
  /** Never rejects for what a person can mend: that is a `NeedsSetUp`. */
  resolve(): Promise<Launch | NeedsSetUp>;
}

/** The person's own command where `inglenook.server.command` names one, else what the extension has installed. */
export function configuredOr(configured: () => readonly string[], own: ServerCommand): ServerCommand {
  return {
    resolve: async () => {
      const [command, ...args] = configured();
      return command === undefined ? own.resolve() : { command, args, env: {} };
    },
  };
}
