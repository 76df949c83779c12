// Opens VS Code with the extension in a browser, for a person to try: `node open.ts [FOLDER]`. The model is the real one.
import path from 'node:path';

import { extension } from './extension.ts';
import { Host } from './host.ts';
import { OWN_MODEL } from './model.ts';
import { Scratch } from './scratch.ts';

const stopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      resolve();
    });
});
const asked = process.argv[2];

await using scratch = await Scratch.make();
const folder = asked ? path.resolve(asked) : await scratch.workspace('sample');
const home = await scratch.folder('home');
await using host = await Host.start({ extensions: [extension()], home, port: Number(process.env['PORT'] ?? 0) });
await host.configure(OWN_MODEL);
console.log(`\n  ${host.address(folder)}\n\nOpen this in a browser. Ctrl-C ends it.`);
await stopped;
