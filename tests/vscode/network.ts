import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';

/** The network as an installer sees it: a proxy on this machine, which can be cut in the middle of a download. */
export class Network implements AsyncDisposable {
  readonly url: string;
  readonly #server: http.Server;
  readonly #sockets = new Set<Duplex>();
  #left = Infinity;

  private constructor(server: http.Server) {
    const { port } = server.address() as net.AddressInfo;
    this.url = `http://127.0.0.1:${String(port)}`;
    this.#server = server;
    server.on('connect', ({ url = '' }, client: Duplex) => {
      this.#connect(new URL(`https://${url}`), client);
    });
  }

  /** Starts a proxy that lets everything through. */
  static async start(): Promise<Network> {
    const server = http.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Network(server);
  }

  /** Cuts the network once so many more bytes have come in. */
  cutAfter(bytes: number): void {
    this.#left = bytes;
  }

  /** Whether it has been cut. */
  get isCut(): boolean {
    return this.#left <= 0;
  }

  /** Lets everything through again. */
  mend(): void {
    this.#left = Infinity;
  }

  #connect({ hostname, port }: URL, client: Duplex): void {
    if (this.isCut) {
      client.destroy();
      return;
    }
    const far = net.connect(Number(port || 443), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.pipe(client).pipe(far);
    });
    far.on('data', ({ length }) => {
      this.#left -= length;
      if (this.isCut) this.#hangUp();
    });
    for (const [socket, other] of [
      [client, far],
      [far, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        other.destroy();
        this.#sockets.delete(socket);
      });
    }
  }

  #hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends all connections and the proxy. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#hangUp();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
