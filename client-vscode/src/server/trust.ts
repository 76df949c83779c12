import type { Subscription } from '../emitter';
import type { ServerControl, Trust } from '../parts';

/** A server that can be told that trust was granted. */
interface Trusting {
  tellTrust(trusted: boolean): Promise<void>;
}

/** As much of the server's life as this takes. */
type Server = Pick<ServerControl, 'onDidChangeState'> & { readonly running: Trusting | undefined };

/** Tells the server of trust that is granted; one that is just starting may have been told before that there is none. */
export function followTrust(server: Server, trust: Trust, failed: (error: unknown) => void): readonly Subscription[] {
  let granted = false;
  const tell = (): void => {
    if (granted) {
      server.running?.tellTrust(true).catch(failed);
    }
  };
  return [
    trust.onDidGrant(() => {
      granted = true;
      tell();
    }),
    server.onDidChangeState(tell),
  ];
}
