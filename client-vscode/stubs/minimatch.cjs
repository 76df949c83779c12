// The language client matches globs for three things that a server must ask for: file operations, notebooks, and
// diagnostics that are pulled. Ours asks for none of them (VS Code itself watches files by glob), and 28 kB of minimatch
// stay out of the bundle. A server that did ask would be told so in the log.
class Minimatch {
  constructor(pattern) {
    throw new Error(`Inglenook matches no globs on behalf of a server (${pattern}).`);
  }
}

module.exports = { Minimatch };
