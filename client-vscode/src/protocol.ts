// Made by generate.py from lsp_server/wire.py, trace.py, kinds.py, settings.py and errors.py. Do not edit.

export type ProgressToken = number | string;

export type SearchKind = 'auto' | 'words' | 'exact' | 'regex' | 'symbol';

/** `module` is code outside any definition, `passage` a stretch that matches words. */
export type HitKind =
  | 'class'
  | 'function'
  | 'method'
  | 'constant'
  | 'heading'
  | 'module'
  | 'call'
  | 'raise'
  | 'text'
  | 'passage'
  | 'file';

export type SpanName =
  | 'lookup'
  | 'search'
  | 'symbols'
  | 'read_file'
  | 'run_command'
  | 'prefill'
  | 'decode'
  | 'queue'
  | 'load'
  | 'verify';

export type Outcome = 'answered' | 'notFound' | 'limit';

export type EngineState = 'notSetUp' | 'unloaded' | 'starting' | 'loading' | 'ready' | 'busy' | 'failed';

/** `direct`: there is no index to be had, and every search reads the files; `off`: no folder is open. */
export type IndexState = 'off' | 'starting' | 'indexing' | 'ready' | 'direct';

export type ModelAction = 'list' | 'plan' | 'build' | 'use' | 'unload' | 'remove';

/** A place in a document: zero-based line, and UTF-16 code units from its beginning. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A stretch of a document; the end is exclusive. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** A document, by its URI. */
export interface TextDocumentIdentifier {
  readonly uri: string;
}

/** A place in the workspace. */
export interface Citation {
  /** The file's URI. */
  readonly uri: string;
  /** The path relative to its workspace folder, with forward slashes. */
  readonly path: string;
  /** Zero-based, as in LSP; whole lines. */
  readonly range: Range;
  /** The first line of the place as it stands in the file or open buffer. */
  readonly text: string;
  /** Whether the place was checked against the files (see agent/citations.py). */
  readonly verified: boolean;
}

/** One step of an answer. */
export interface Span {
  readonly name: SpanName;
  /** One line for a person: what was asked and what came back. */
  readonly summary: string;
  /** Milliseconds since the trace began. */
  readonly startMs: number;
  readonly ms: number;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly hits?: number;
  readonly error?: string;
  readonly locations: readonly Citation[];
}

/** The sums over all turns of an answer. */
export interface Timing {
  readonly promptTokens: number;
  /** Prompt tokens whose keys and values were still held from an earlier turn. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** From the question to the first visible character. */
  readonly ttftMs: number;
  readonly prefillTokensPerSecond: number;
  readonly decodeTokensPerSecond: number;
  readonly peakMemoryBytes: number;
}

/** The whole story of one answer. */
export interface Trace {
  readonly id: string;
  readonly model: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly totalMs: number;
  readonly spans: readonly Span[];
  readonly timing: Timing;
}

/** A whole answer. */
export interface AskResult {
  readonly conversationId: string;
  /** Markdown. */
  readonly answer: string;
  readonly outcome: Outcome;
  /** The places that the model's own words name. */
  readonly citations: readonly Citation[];
  /** The rows that answer the question. */
  readonly evidence: readonly Citation[];
  readonly trace: Trace;
}

/** A piece of the answer as the model speaks. */
export interface TextPart {
  readonly delta: string;
  readonly kind: 'text';
}

/** A place that was just checked. */
export interface CitationPart {
  readonly citation: Citation;
  readonly kind: 'citation';
}

/** A step that just ended. */
export interface SpanPart {
  readonly span: Span;
  readonly kind: 'span';
}

/** Withdraws the text so far: the turn became a call. */
export interface ResetPart {
  readonly kind: 'reset';
}

/** The model's words about a symbol or selection. */
export interface ExplainResult {
  /** The model's own words, as in an answer: what renders them must load no remote image and trust no command link. */
  readonly markdown: string;
  /** Whether the words were there before the request. */
  readonly cached: boolean;
  readonly citations: readonly Citation[];
  readonly trace: Trace;
}

/** One place that matches. */
export interface SearchHit {
  readonly uri: string;
  /** Relative to the workspace folder, forward slashes; what tells same-named files apart. */
  readonly path: string;
  /** The match itself or the name of the definition, in the client's position encoding. */
  readonly range: Range;
  /** The line of code; for a definition its signature's line. */
  readonly text: string;
  readonly kind: HitKind;
  /** Higher is better; comparable within one result. */
  readonly score: number;
  /** What to highlight in `text`: start and end in UTF-16 units. */
  readonly marks: readonly (readonly [number, number])[];
  /** The definition's qualified name, or that of the one around the hit. */
  readonly name?: string;
  /** A reference that was matched by its name alone: imports do not decide what it means. */
  readonly byName: boolean;
}

/** How true a result is. */
export interface IndexFreshness {
  readonly files: number;
  readonly stale: number;
  readonly note?: string;
}

/** Hits, best first. */
export interface SearchResult {
  readonly hits: readonly SearchHit[];
  /** How many there are, also beyond `hits`. */
  readonly total: number;
  /** Of the search itself, without waiting for the index. */
  readonly elapsedMs: number;
  readonly freshness: IndexFreshness;
  /** What the query was taken as; never `auto` in an answer. */
  readonly kind: SearchKind;
  /** One sentence about what was left out, or how the query was read. */
  readonly note?: string;
}

/** The best hits so far; each replaces the one before. */
export interface HitsPart {
  readonly hits: readonly SearchHit[];
  readonly kind: 'hits';
}

/** One recipe and what is on disk of it. */
export interface ModelInfo {
  readonly recipe: string;
  readonly title: string;
  readonly built: boolean;
  /** It was built for an earlier version; building it again makes the one of this version. */
  readonly outdated: boolean;
  readonly path?: string;
  readonly bytesOnDisk?: number;
  /** Download, disk and memory needs, for a person; present after the action `plan`. */
  readonly plan?: string;
}

/** Result of `inglenook/model`. */
export interface ModelResult {
  readonly models: readonly ModelInfo[];
  readonly current: string | null;
}

/** What the engine is doing. */
export interface EngineStatus {
  readonly state: EngineState;
  readonly model?: string;
  readonly device?: string;
  /** Loading progress, 0 to 100. */
  readonly percent?: number;
  /** Requests that wait behind the one that runs. */
  readonly queued: number;
  readonly memoryBytes?: number;
  /** One sentence for a person; set when the state is `failed` or `notSetUp`. */
  readonly message?: string;
  readonly hint?: string;
  /** The kind of the failure (errors.py), for those who act on it. */
  readonly kind?: string;
  readonly pid?: number;
}

/** What the index is doing. */
export interface IndexStatus {
  readonly state: IndexState;
  /** Files whose present text is indexed. */
  readonly files: number;
  /** Files that wait to be. */
  readonly stale: number;
  /** Of the work at hand, 0 to 100. */
  readonly percent?: number;
  /** One sentence for a person; set when the state is `direct`, or when not everything fits. */
  readonly message?: string;
}

/** Parameters of `inglenook/status`. */
export interface StatusParams {
  readonly engine: EngineStatus;
  readonly index: IndexStatus;
}

/** A partial result of ask and of explain. */
export type AskPart = TextPart | CitationPart | SpanPart | ResetPart;

/** Where the question was asked from. */
export interface AskContext {
  readonly textDocument: TextDocumentIdentifier;
  readonly range?: Range;
}

/** Parameters of `inglenook/ask`. */
export interface AskParams {
  readonly question: string;
  readonly context?: AskContext;
  readonly conversationId?: string;
  readonly workDoneToken?: ProgressToken;
  readonly partialResultToken?: ProgressToken;
}

/** Parameters of `inglenook/explain`. */
export interface ExplainParams {
  readonly textDocument: TextDocumentIdentifier;
  readonly position: Position;
  /** Explain this selection instead of the symbol at `position`. */
  readonly range?: Range;
  /** Make a new explanation although there is one. */
  readonly refresh?: boolean;
  readonly workDoneToken?: ProgressToken;
  /** Partial results are those of ask. */
  readonly partialResultToken?: ProgressToken;
}

/** Parameters of `inglenook/search`. */
export interface SearchParams {
  readonly query: string;
  readonly kind?: SearchKind;
  /** The most hits to return; the server's own limit by default. */
  readonly limit?: number;
  /** Search when everything is indexed, however long that takes, instead of what is there now. */
  readonly wait?: boolean;
  readonly workDoneToken?: ProgressToken;
  readonly partialResultToken?: ProgressToken;
}

/** Parameters of `inglenook/model`. */
export interface ModelParams {
  readonly action: ModelAction;
  readonly recipe?: string;
  readonly workDoneToken?: ProgressToken;
}

/** Parameters of `inglenook/clearTrace`: none. */
export type ClearTraceParams = Readonly<Record<string, never>>;

/** Parameters of `inglenook/trust`. */
export interface TrustParams {
  readonly trusted: boolean;
}

/** The names of our messages. */
export const METHODS = {
  ask: 'inglenook/ask',
  explain: 'inglenook/explain',
  search: 'inglenook/search',
  model: 'inglenook/model',
  clearTrace: 'inglenook/clearTrace',
  trust: 'inglenook/trust',
  status: 'inglenook/status',
} as const;

/** What each request takes, returns and streams. */
export interface Requests {
  readonly 'inglenook/ask': { readonly params: AskParams; readonly result: AskResult; readonly part: AskPart };
  readonly 'inglenook/explain': { readonly params: ExplainParams; readonly result: ExplainResult; readonly part: AskPart };
  readonly 'inglenook/search': { readonly params: SearchParams; readonly result: SearchResult; readonly part: HitsPart };
  readonly 'inglenook/model': { readonly params: ModelParams; readonly result: ModelResult; readonly part: never };
  readonly 'inglenook/clearTrace': { readonly params: ClearTraceParams; readonly result: null; readonly part: never };
}

/** Every kind of failure. */
export const ERROR_KINDS = [
  'internal',
  'badRequest',
  'workspace',
  'outOfScope',
  'modelMissing',
  'modelRefused',
  'modelBuild',
  'machineTooSmall',
  'engineUnavailable',
  'engineDied',
  'endpoint',
  'questionTooLong',
  'noExplanation',
  'cancelled',
  'superseded',
  'protocol',
] as const;

/** What a failure is, for those who act on it. */
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** The `data` of every error that the server answers with. */
export interface ErrorData {
  readonly kind: ErrorKind;
  /** What to do about it; may be empty. */
  readonly hint: string;
}

/** The client's options. */
export interface InitializationOptions {
  /** Whether to advertise commands; a client that registers its own says no. */
  readonly commands?: boolean;
  /** Whether the person trusts the folders that are open. */
  readonly trusted?: boolean;
  /** Whether the client follows links to our commands in what it shows of ours. */
  readonly trustedCommands?: boolean;
  /** Whether to make agent and model ready in advance; a client that only searches says no. */
  readonly model?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Every setting below `inglenook.`, by its key. */
export interface Settings {
  /** The recipe whose model is served (`inglenook model list`); the default leaves the choice to `inglenook model use`. */
  readonly 'model.recipe': string;
  /** A model folder to serve instead of the recipe's; empty for none. */
  readonly 'model.path': string;
  /** Base URL of an OpenAI-compatible server to use instead of the resident model, such as `http://127.0.0.1:8080/v1`. The code that the tools read is sent there. */
  readonly 'model.endpoint': string;
  /** The model's name at the endpoint; empty takes the first it lists. */
  readonly 'model.endpointModel': string;
  /** The environment variable that holds the endpoint's key. */
  readonly 'model.endpointKeyVariable': string;
  /** The resident model leaves memory this long after its last editor has gone. Applies from its next loading on. */
  readonly 'model.idleMinutes': number;
  /** Memory for the keys and values of recent conversations; 0 derives it from the free memory. Applies from the model's next loading on. */
  readonly 'model.cacheMegabytes': number;
  /** The most tokens that one turn may have. */
  readonly 'model.maxTokens': number;
  /** 0 is greedy; higher is more varied. */
  readonly 'model.temperature': number;
  /** Sample among the likeliest tokens that make up this share. */
  readonly 'model.topP': number;
  /** Seed of the sampler; null for a new one each time. */
  readonly 'model.seed': number | null;
  /** A turn ends before the first of these strings. */
  readonly 'model.stopSequences': readonly string[];
  /** The most tool calls for one question. */
  readonly 'ask.maxToolCalls': number;
  /** The most tokens that may be generated for one question. */
  readonly 'ask.tokenBudget': number;
  /** Glob patterns of ignored files that may be read all the same. Secrets never are. */
  readonly 'files.allowIgnored': readonly string[];
  /** Larger files are not read or searched. */
  readonly 'files.maxBytes': number;
  /** Glob patterns of files and folders to leave out, beside the ignore files and the editor's own `files.exclude`. */
  readonly 'files.exclude': readonly string[];
  /** Whether a hover brings the model's explanation: never, when asked for by its link, or by itself where the device is fast enough. */
  readonly 'hover.explain': 'off' | 'onRequest' | 'automatic';
  /** Milliseconds that a hover may wait for the model's explanation where it comes by itself; 0 shows what is known at once. */
  readonly 'hover.wait': number;
  /** Explain the symbols of the visible file in advance while nothing else runs, where explanations come by themselves. */
  readonly 'hover.prefetch': boolean;
  /** Show above each definition how often it is used. */
  readonly 'codeLens.references': boolean;
  /** Which places of the last answer carry a diagnostic. */
  readonly 'trace.diagnostics': 'off' | 'citations' | 'all';
  /** The program that starts the language server, and its arguments, such as `["/path/to/inglenook", "serve"]`; empty for the one that the extension has installed. A change restarts the server. */
  readonly 'server.command': readonly string[];
  /** The Python, 3.11 or newer, that the extension makes the server's environment with; empty to look for one. */
  readonly 'server.python': string;
}
