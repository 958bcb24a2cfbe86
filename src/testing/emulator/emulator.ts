/** The Gemini Files API on a loopback server, for tests and for trying things out without a key. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createHash } from 'node:crypto';
import { isFileName } from '../../contract/file-name.js';
import type { Backend } from './backend.js';
import { resourceOf } from './backend.js';
import { EmulatorClock } from './clock.js';
import { ownerOf } from './credentials.js';
import type { EmulatedFile, EmulatedSession, SeedFile } from './emulated.js';
import { describeFault, FaultScript } from './fault-script.js';
import type { Fault } from './fault.js';
import type { FileError, FileRecord } from './file-record.js';
import { FileStore } from './file-store.js';
import { hostOfUrl } from './host-of-url.js';
import { resolveOptions, type EmulatorOptions } from './options.js';
import { RequestLog, type RecordedRequest } from './recorded-requests.js';
import { RequestHandler } from './request-handler.js';
import { SessionTable } from './session-table.js';
import { StateFile } from './state-file.js';

/**
 * A server on 127.0.0.1 that answers as the Gemini Files API does, under `/v1` and `/v1beta`: resumable upload, get, list,
 * delete, and a generateContent that refuses files that are not ACTIVE. It keeps hashes and metadata of files, never content.
 *
 * @example
 * ```ts
 * import { GoogleGenAI } from '@google/genai';
 * import { GeminiFilesEmulator } from 'temporal-gemini-files/testing';
 *
 * await using emulator = await GeminiFilesEmulator.start({ faults: [{ on: 'finalize', do: 'loseAnswer' }] });
 * const genai = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: emulator.url } });
 * ```
 */
export class GeminiFilesEmulator {
  readonly #backend: Backend;
  readonly #log: RequestLog;
  readonly #script: FaultScript;
  readonly #closing = new AbortController();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #closed: Promise<void> | undefined;

  /**
   * Starts an emulator. It resolves once the emulator listens.
   *
   * @param options - how it behaves; by default as the provider does
   * @throws EmulatorStateError for a state file that cannot be used, RangeError for a bad option or fault, the error of the option `time`, and
   *   the system's error for a port that is taken
   */
  static async start(options: EmulatorOptions = {}): Promise<GeminiFilesEmulator> {
    const resolved = resolveOptions(options);
    const clock = new EmulatorClock();
    const { time } = options;
    const syncTime = time && (async () => clock.advanceTo(await time()));
    // Otherwise a file that is added before the first request would be as old as that time is ahead of the machine's.
    await syncTime?.();
    const files = new FileStore(
      resolved,
      clock,
      options.stateFile === undefined ? undefined : new StateFile(options.stateFile),
    );
    const script = new FaultScript();
    script.add(options.faults ?? []);

    const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0, noDelay: true });
    server.listen(resolved.port, resolved.host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const baseUrl = `http://${hostOfUrl(resolved.host)}:${port}${resolved.pathPrefix}`;
    const sessions = new SessionTable(resolved, clock);
    return new GeminiFilesEmulator(
      { options: resolved, clock, files, sessions, baseUrl, syncTime },
      server,
      script,
    );
  }

  private constructor(backend: Backend, server: Server, script: FaultScript) {
    this.#backend = backend;
    this.#server = server;
    this.#script = script;
    this.#log = new RequestLog(backend.options.maxRecordedRequests);
    const handler = new RequestHandler(backend, this.#log, script, this.#closing.signal);
    server.on('request', (request, response) => void handler.handle(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** The base URL for clients: `http://127.0.0.1:<port>`, or the option `host`, and the path prefix, without a slash at its end. */
  get url(): string {
    return this.#backend.baseUrl;
  }

  /** What came in, oldest first. */
  get requests(): readonly RecordedRequest[] {
    return this.#log.requests;
  }

  /** All files that have not expired, of all keys, visible yet or not, by name, oldest first. */
  get files(): ReadonlyMap<string, EmulatedFile> {
    return this.#describe(this.#backend.files.all());
  }

  /** The same, of the project of `apiKey` only. @param apiKey - any key of the project */
  filesOf(apiKey: string): ReadonlyMap<string, EmulatedFile> {
    return this.#describe(this.#backend.files.ownedBy(ownerOf(apiKey, this.#backend.options.apiKeys)));
  }

  /** All upload sessions within their lifetime, in the order of their starts. */
  get sessions(): readonly EmulatedSession[] {
    return this.#backend.sessions.all().map((session) => ({
      id: session.start.id,
      state: session.state,
      name: session.fileName ?? session.start.name,
      displayName: session.start.displayName,
      mimeType: session.start.mimeType,
      declaredBytes: session.start.declaredBytes,
      receivedBytes: session.received,
    }));
  }

  /** The emulator's time, milliseconds since the epoch. */
  now(): number {
    return this.#backend.clock.now();
  }

  /**
   * Moves the emulator's time forward by `ms` milliseconds: processing and slow finalizes end, files become visible, files and sessions expire. `delay` and `pace` are in real time.
   *
   * @param ms - milliseconds
   */
  advance(ms: number): void {
    this.#backend.clock.advance(ms);
  }

  /** Adds to the end of the script. Throws a RangeError for a fault that is none. @param faults - in the order in which they are tried */
  addFaults(...faults: readonly Fault[]): void {
    this.#script.add(faults);
  }

  /** Throws an Error that names the faults that did not meet all of their requests. */
  assertFaultsConsumed(): void {
    const left = this.#script.left().map(describeFault);
    if (left.length > 0) throw new Error(`Faults that were not met:\n${left.join('\n')}`);
  }

  /**
   * Resolves with what `predicate` makes of the recorded requests, or of the emulator's files and sessions, once that is neither false,
   * undefined nor another falsy value. It is asked now, whenever a request comes in, brings bytes or ends, and every 20 ms.
   *
   * @param predicate - not async
   * @param options - how long to wait: `timeoutMs`, milliseconds of real time, 30,000 by default
   * @throws Error after that time, and if the emulator is closed
   */
  waitFor<T>(
    predicate: (requests: readonly RecordedRequest[]) => T,
    options: { readonly timeoutMs?: number } = {},
  ): Promise<Exclude<T, false | null | undefined>> {
    return this.#log.waitFor(predicate, options.timeoutMs ?? 30_000) as Promise<
      Exclude<T, false | null | undefined>
    >;
  }

  /**
   * Puts a file there without an upload.
   *
   * @param file - name, content and type
   * @returns its name
   * @throws RangeError for a bad or taken name
   */
  addFile(file: SeedFile): string {
    const { content, apiKey, mimeType = 'text/plain', ...rest } = file;
    if (file.name !== undefined && !isFileName(file.name))
      throw new RangeError(`addFile: ${String(file.name)} is no file name`);
    if (file.name !== undefined && this.#backend.files.isTaken(file.name)) {
      throw new RangeError(`addFile: ${file.name} is taken`);
    }
    const sizeBytes = Buffer.byteLength(content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const owner = apiKey === undefined ? 'another project' : ownerOf(apiKey, this.#backend.options.apiKeys);
    return this.#backend.files.create({ ...rest, owner, mimeType, sizeBytes, sha256, visibleAfterMs: 0 })
      .name;
  }

  /**
   * Ends the processing of a file now: it is ACTIVE.
   *
   * @param name - the file's name, `files/…`
   * @throws RangeError for an unknown name
   */
  activate(name: string): void {
    this.#backend.files.change(name, { outcome: 'ACTIVE', settlesAtMs: Math.floor(this.now()) });
  }

  /**
   * Makes a file FAILED now.
   *
   * @param name - the file's name, `files/…`
   * @param error - as google.rpc.Status; by default one that the provider was seen to give
   * @throws RangeError for an unknown name
   */
  fail(name: string, error?: FileError): void {
    const settlesAtMs = Math.floor(this.now());
    this.#backend.files.change(name, { outcome: 'FAILED', settlesAtMs, ...(error && { error }) });
  }

  /**
   * Makes a file PROCESSING until it expires, or until `activate` or `fail`.
   *
   * @param name - the file's name, `files/…`
   * @throws RangeError for an unknown name
   */
  hold(name: string): void {
    this.#backend.files.change(name, { outcome: 'NEVER' });
  }

  /** Destroys all connections and resolves when the server is closed. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#closing.abort();
      this.#backend.clock.stop();
      this.#log.close();
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
    return this.#closed;
  }

  #describe(records: readonly FileRecord[]): ReadonlyMap<string, EmulatedFile> {
    const describe = (record: FileRecord): [string, EmulatedFile] => {
      const resource = resourceOf(this.#backend, record);
      return [record.name, { ...resource, state: resource.state ?? 'PROCESSING', sha256: record.sha256 }];
    };
    return new Map(records.map(describe));
  }

  /** The same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
