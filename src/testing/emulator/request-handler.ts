/** Takes one request from its headers to its end: recorded, through its fault, to the service that answers it. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Backend, Exchange } from './backend.js';
import { authenticate } from './credentials.js';
import { answerPreflight, corsHeaders, isPreflight } from './cors.js';
import { errorReply, invalidArgument, notServed } from './error-bodies.js';
import { afterWork, beforeWork, bodyPlan, insteadOfWork, type Ending } from './fault-effects.js';
import type { FaultScript } from './fault-script.js';
import { deleteFile, getFile, listFiles } from './files-api.js';
import { countTokens, generateContent, streamGenerateContent } from './generate-content.js';
import { Interrupted } from './interrupted.js';
import { parseLenientJson } from './lenient-json.js';
import { getModel, listModels } from './models.js';
import type { RequestLog } from './recorded-requests.js';
import { inform, renderReply, ReplyError, sendReply, type Reply } from './reply.js';
import { bodyBytes, readBody } from './request-body.js';
import { routeOf, type Route } from './route.js';
import { cancelUpload, queryUpload } from './upload-control.js';
import { receiveData } from './upload-data.js';
import { uploadMultipart } from './upload-multipart.js';
import { startUpload } from './upload-start.js';

/** Bytes of JSON that the emulator takes in one request. */
const MAX_JSON_BYTES = 32 * 1024 * 1024;
/** Characters of JSON that are recorded with a request. */
const MAX_RECORDED_JSON = 64 * 1024;

export class RequestHandler {
  constructor(
    private readonly backend: Backend,
    private readonly log: RequestLog,
    private readonly script: FaultScript,
    private readonly closing: AbortSignal,
  ) {}

  /** Never rejects: a request gets an answer, or its connection is closed. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    try {
      if (isPreflight(request)) return answerPreflight(request, response);
      const timeFailed = await this.#syncTime();
      const exchange = this.#begin(request);
      if (timeFailed) await this.#finish(exchange, response, { end: 'answer', reply: timeFailed });
      else await this.#serve(exchange, response);
    } catch {
      request.socket.destroy();
    }
  }

  /** An answer, if the option `time` fails: a connection that is closed would not tell why. */
  async #syncTime(): Promise<Reply | undefined> {
    try {
      await this.backend.syncTime?.();
      return undefined;
    } catch (error) {
      return errorReply(500, `The emulator's option time failed: ${String(error)}`);
    }
  }

  async #serve(exchange: Exchange, response: ServerResponse): Promise<void> {
    const { request, fault } = exchange;
    if (fault?.do === 'inform') inform(response, fault.status);
    try {
      await this.#finish(exchange, response, await this.#work(exchange));
    } catch (error) {
      if (this.closing.aborted) return;
      if (error instanceof Interrupted) {
        exchange.record.outcome = 'broken';
        this.log.changed();
        request.socket.destroy();
        return;
      }
      if (response.headersSent) throw error;
      const reply = errorReply(500, `The emulator failed: ${String(error)}`);
      await this.#finish(exchange, response, { end: 'answer', reply });
    }
  }

  #begin(request: IncomingMessage): Exchange {
    const { clock, options, sessions } = this.backend;
    const route = routeOf(request, options.pathPrefix);
    const session = sessions.get(route.uploadId);
    const record = this.log.begin(request, route, clock.now());
    record.file ??= session?.fileName ?? session?.start.name;
    record.fault = this.script.take({
      targets: targetsOf(route),
      file: record.file,
      receivedBytes: session?.received ?? 0,
      bodyBytes: bodyBytes(request) ?? Infinity,
    });
    const onBytes = (bytes: number): void => {
      record.bytes += bytes;
      this.log.changed();
    };
    const changed = (): void => this.log.changed();
    return { request, route, record, session, fault: record.fault, onBytes, changed };
  }

  async #work(exchange: Exchange): Promise<Ending> {
    const { fault, session } = exchange;
    await beforeWork(fault, session, this.closing);
    const instead = insteadOfWork(fault);
    if (instead) {
      if (!instead.early) await readAll(exchange);
      return afterWork(fault, { status: instead.status }, session);
    }
    try {
      return afterWork(fault, await this.#answer(exchange), session);
    } catch (error) {
      if (error instanceof ReplyError) return afterWork(fault, error.reply, session);
      if (error instanceof Interrupted && error.by === 'stopped')
        return afterWork(fault, { status: 0 }, session);
      throw error;
    }
  }

  async #answer(exchange: Exchange): Promise<Reply> {
    const { request, route } = exchange;
    const { backend } = this;
    const owner = (): string => authenticate(request, route.query, backend.options.apiKeys);
    if (route.operation === 'upload') return receiveData(backend, exchange);
    if (route.operation === 'unknown') return unserved(exchange, backend.options.pathPrefix);
    if (route.operation === 'multipart')
      return uploadMultipart(backend, exchange, owner(), (text) => parseJson(exchange, text));

    const text = await readText(exchange);
    switch (route.operation) {
      case 'query':
        return queryUpload(backend, exchange);
      case 'cancel':
        return cancelUpload(this.backend, exchange);
      case 'start':
        return startUpload(backend, exchange, owner(), parseJson(exchange, text));
      case 'generateContent':
        return generateContent(backend, owner(), route.model, parseJson(exchange, text));
      case 'streamGenerateContent': {
        const alt = route.query.get('alt');
        return streamGenerateContent(backend, owner(), route.model, parseJson(exchange, text), alt);
      }
      case 'countTokens':
        return countTokens(backend, owner(), parseJson(exchange, text));
      case 'listModels':
        owner();
        return listModels();
      case 'getModel':
        owner();
        return getModel(route.model);
      case 'get':
        return getFile(backend, owner(), route.fileId);
      case 'delete':
        return deleteFile(backend, owner(), route.fileId);
      case 'list':
        return listFiles(backend, owner(), route.query);
    }
  }

  async #finish(
    { request, record, onBytes }: Exchange,
    response: ServerResponse,
    ending: Ending,
  ): Promise<void> {
    switch (ending.end) {
      case 'answer': {
        const { reply } = ending;
        record.status = reply.status;
        record.outcome = 'answered';
        this.log.changed();
        return sendReply(
          request,
          response,
          { ...reply, headers: { ...corsHeaders(request), ...reply.headers } },
          onBytes,
        );
      }
      case 'reset':
        record.outcome = 'reset';
        request.socket.resetAndDestroy();
        break;
      case 'stall':
        record.outcome = 'stalled';
        break;
      case 'cut': {
        const { headers, content } = renderReply(ending.reply);
        record.outcome = 'cut';
        response.writeHead(ending.reply.status, headers);
        response.flushHeaders();
        response.write(content.subarray(0, ending.afterBytes), () => request.socket.end());
        break;
      }
    }
    this.log.changed();
  }
}

function targetsOf({ operation, command }: Route): string[] {
  return command.includes('finalize') ? [operation, 'finalize'] : [operation];
}

function unserved({ request, route }: Exchange, prefix: string): Reply {
  const { uploadPath, malformed, command } = route;
  if (malformed) return { status: 400, body: 'The target of the request line is not a URL.' };
  // Without a command, it is an upload of another protocol, such as the bytes alone.
  if (uploadPath && request.method === 'POST' && command.length > 0)
    return { status: 400, body: 'Invalid X-Goog-Upload-Command.' };
  if (!(request.url ?? '').startsWith(prefix)) return errorReply(404, 'Method not found.');
  const [path = ''] = (request.url ?? '').split('?', 1);
  return notServed(request.method ?? '', path, prefix);
}

/** Reads and drops the body. */
async function readAll({ request, onBytes }: Exchange): Promise<void> {
  const end = await readBody(request, { onChunk: (chunk) => onBytes(chunk.length) });
  if (end !== 'complete') throw new Interrupted('broken');
}

async function readText({ request, fault, session, onBytes }: Exchange): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const end = await readBody(request, {
    ...bodyPlan(fault, session),
    onChunk: (chunk) => {
      onBytes(chunk.length);
      chunks.push(chunk);
      length += chunk.length;
      return length <= MAX_JSON_BYTES;
    },
  });
  if (end === 'refused')
    throw new ReplyError(errorReply(413, `Request payload is over ${MAX_JSON_BYTES} bytes.`));
  if (end !== 'complete') throw new Interrupted(end);
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson({ record }: Exchange, text: string): unknown {
  try {
    const body = parseLenientJson(text);
    if (text.length <= MAX_RECORDED_JSON) record.json = body;
    return body;
  } catch (error) {
    throw invalidArgument(`Invalid JSON payload received. ${(error as Error).message}`);
  }
}
