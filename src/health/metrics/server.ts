// The HTTP server of the metrics: GET /metrics and /healthz. Whatever a client does takes bounded memory and time.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { accessOf, type Listening, type ListenSpec, listen, listenText } from '../../net/listen.ts';
import { type Page, type PageSource, Pages, plainPage } from './pages.ts';

/** Connections at a time: one of Prometheus, a few of people. Of more, the one that was used longest ago is closed. */
const MAX_CONNECTIONS = 16;
/** Requests that are answered in a second: scrapes come every few seconds. */
const MAX_REQUESTS = 50;
/** Bytes of a request line with its headers. */
const MAX_HEADERS = 8192;
/** ms in which a request must arrive, and a response must be read */
const PATIENCE = 5000;
/** ms between looks for connections that took too long */
const INTERVAL = 1000;
const HTTP = 'http://';
const OPENMETRICS = 'application/openmetrics-text';

export interface ServerEvents {
  failed(reason: string): void;
  fault(error: unknown): void;
}

export class MetricsServer {
  #spec: ListenSpec;
  readonly #server: Server;
  readonly #pages: Pages;
  readonly #clock: () => number;
  readonly #events: ServerEvents;
  /** the one that was used longest ago first */
  readonly #connections = new Set<Socket>();
  #listening: Listening | undefined;
  /** ms since 1970: the second in which requests are counted */
  #second = 0;
  #requests = 0;

  private constructor(spec: ListenSpec, source: PageSource, events: ServerEvents) {
    this.#spec = spec;
    this.#pages = new Pages(source);
    this.#clock = () => source.clock();
    this.#events = events;
    this.#server = createServer(
      {
        maxHeaderSize: MAX_HEADERS,
        headersTimeout: PATIENCE,
        requestTimeout: PATIENCE,
        keepAliveTimeout: PATIENCE,
        connectionsCheckingInterval: INTERVAL,
        noDelay: true,
      },
      (request, response) => void this.#answer(request, response),
    );
    // Also a client that does not read its response is silent.
    this.#server.timeout = 2 * PATIENCE;
    this.#server.on('connection', (socket: Socket) => this.#accept(socket));
    this.#server.on('clientError', (_error, socket) => socket.destroy());
    this.#server.on('checkContinue', (request, response) => void this.#answer(request, response));
  }

  /** @throws the system's error, such as EADDRINUSE */
  static async open(spec: ListenSpec, source: PageSource, events: ServerEvents): Promise<MetricsServer> {
    const server = new MetricsServer(spec, source, events);
    server.#listening = await listen(server.#server, spec);
    server.#server.on('error', (error) => events.failed(error.message));
    return server;
  }

  get spec(): ListenSpec {
    return this.#spec;
  }

  /** As Postfix writes it. */
  get where(): string {
    return listenText(this.#spec);
  }

  /** Whether its address still leads here: the file of a unix socket may be removed. */
  get isReachable(): boolean {
    return this.#listening?.isReachable === true;
  }

  /** Sets another mode or group of its socket. @throws where that fails */
  async setAccess(spec: ListenSpec): Promise<void> {
    if (spec.type === 'unix') (await accessOf(spec))();
    this.#spec = spec;
  }

  /** Closes all connections too. */
  close(): void {
    this.#listening?.close();
    for (const socket of this.#connections) socket.destroy();
  }

  #accept(socket: Socket): void {
    const [oldest] = this.#connections;
    if (oldest !== undefined && this.#connections.size >= MAX_CONNECTIONS) {
      this.#connections.delete(oldest);
      oldest.destroy();
    }
    this.#connections.add(socket);
    socket.on('close', () => this.#connections.delete(socket));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    if (this.#connections.delete(socket)) this.#connections.add(socket);
    try {
      send(
        request,
        response,
        this.#isTooMany() ? plainPage(429, 'too many requests') : await this.#page(request),
      );
    } catch (error) {
      this.#events.fault(error);
      socket.destroy();
    }
  }

  #isTooMany(): boolean {
    const now = this.#clock();
    if (now - this.#second >= INTERVAL || now < this.#second) {
      this.#second = now;
      this.#requests = 0;
    }
    return ++this.#requests > MAX_REQUESTS;
  }

  async #page({ method, url = '', headers }: IncomingMessage): Promise<Page> {
    if (method !== 'GET' && method !== 'HEAD') return plainPage(405, 'expected GET or HEAD');
    const path = pathOf(url);
    if (path === '/healthz') return this.#pages.health;
    if (path !== '/metrics') return plainPage(404, 'not found: there are /metrics and /healthz');
    return await this.#pages.metrics(headers.accept?.includes(OPENMETRICS) === true ? 'openmetrics' : 'text');
  }
}

/** Of a request target in its origin form, or in the absolute form that a server accepts too (RFC 9112 3.2.2). */
function pathOf(target: string): string {
  const [form = ''] = target.split('?', 1);
  return form.startsWith(HTTP) ? form.slice(form.indexOf('/', HTTP.length)) : form;
}

function send({ method, headers }: IncomingMessage, response: ServerResponse, page: Page): void {
  const { status, type, text } = page;
  response.statusCode = status;
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(text));
  if (status === 405) response.setHeader('Allow', 'GET, HEAD');
  // A body is not read: the connection ends with the response.
  const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  if (hasBody || status === 405 || status === 429) response.setHeader('Connection', 'close');
  response.end(method === 'HEAD' ? undefined : text);
}
