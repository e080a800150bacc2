import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { AppAccess } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import type { DoorTls } from '../domain/door-tls.ts';
import { ERRORS } from '../domain/errors.ts';
import { inAddress, type Listening } from '../domain/listening.ts';
import type { Meter } from '../domain/meter.ts';
import type { AnswerSink, AppDirectory, PredictPort } from '../domain/ports.ts';
import type { SlabPool } from '../domain/slabs.ts';
import { listenOnSocketFile, type SocketFile } from '../runtime/socket-file.ts';
import type { TlsGuard } from '../runtime/tls-server.ts';
import { watchRoutes } from './allowed-methods.ts';
import { Cors, type CorsRules } from './cors.ts';
import type { Refusal } from './error-reply.ts';
import { Connections } from './exchange/connections.ts';
import type { Connection } from './exchange/exchange.ts';
import { HttpExchange } from './exchange/http-exchange.ts';
import { OpenBodies } from './exchange/open-bodies.ts';
import { RequestIds } from './exchange/request-id.ts';
import { UnreadBound } from './exchange/unread-bound.ts';
import { gate } from './gate.ts';
import { HEALTH_ROUTES, type HealthSources, registerHealth } from './health.ts';
import { hostAllowList } from './host-allow-list.ts';
import { HTTP_LIMITS, type HttpLimits } from './http-limits.ts';
import { Lane } from './lane/lane.ts';
import { type LaneRoute, takerOf } from './lane/lane-route.ts';
import type { HttpPlugin } from './http-plugin.ts';
import { answerCut, answerMalformed, endWith } from './malformed.ts';
import { openApiDocument } from './openapi.ts';
import { OPENAPI_ROUTE } from './openapi-route.ts';
import { plainPredict } from './plain-predict.ts';
import { predictOptions } from './predict-options.ts';
import { type PredictCall, PredictDoor } from './predict.ts';
import { PREDICT_ROUTE } from './predict-schema.ts';
import { Refusals } from './refusals.ts';
import { fastifyPath } from './route-table.ts';
import { openServer } from './secure-server.ts';
import { refusalOf } from './thrown.ts';

/** How long a request that was sent before the stop may take to be read. */
const GRACE_MICROS = 100_000;

export interface HttpDoorOptions {
  readonly clock: Clock;
  readonly meter: Meter;
  readonly slabs: SlabPool;
  readonly apps: AppDirectory;
  /** Whether a model has this name; none has where it is left out. */
  readonly isModel?: (name: string) => boolean;
  /** Who may ask which app. */
  readonly access: AppAccess;
  readonly health: Omit<HealthSources, 'draining'>;
  /** `Host` headers that are served beside those of this machine. */
  readonly allowedHosts: readonly string[];
  /** Without: in the clear. */
  readonly tls?: DoorTls;
  /** Without: pages of other origins get no answer that they can read. */
  readonly cors?: CorsRules;
  /** One word for this start of the broker; request ids begin with it. */
  readonly instance: string;
  /** The broker's version, for the OpenAPI document. */
  readonly version: string;
  readonly limits?: Partial<HttpLimits>;
  /** Where the plugins hold bodies too; its own, by the limits, where left out. */
  readonly bodies?: OpenBodies;
  /** Further routes: what registers them, and their documentation. They refuse by throwing `BrokerError`. */
  readonly plugins?: readonly HttpPlugin[];
  /** A fault of ours while a request was served; its answer says `internal` and this id. */
  readonly onFault: (fault: unknown, requestId: string) => void;
}

/**
 * The HTTP door: native API, probes, metrics and whatever plugins bring, on one port. fastify routes; the predict route
 * takes its requests over from there and reads and writes them itself.
 *
 *     socket → node:http → gate (Host, encodings) → fastify's router → PredictDoor, or a handler
 *                                                 ↘ (a plain predict request) ↗
 *
 * Life: construct, `connect` the road, `listen`, `stopAccepting`, `close`.
 */
export class HttpDoor {
  readonly #options: HttpDoorOptions;
  readonly #limits: HttpLimits;
  readonly #connections: Connections;
  readonly #unread: UnreadBound;
  readonly #refusals: Refusals;
  readonly #requestIds: RequestIds;
  readonly #predict: PredictDoor;
  readonly #server: Server;
  readonly #guard: TlsGuard | undefined;
  readonly #cors: Cors;
  readonly #routes: readonly LaneRoute[];
  readonly #lane: Lane;
  readonly #fastify: FastifyInstance;
  #allows: (host: string | undefined) => boolean = () => false;
  #draining = false;

  constructor(options: HttpDoorOptions) {
    const { clock, meter, slabs, apps, access } = options;
    this.#options = options;
    this.#limits = Object.freeze({ ...HTTP_LIMITS, ...options.limits });
    this.#connections = new Connections(clock, () => this.#unread.start());
    const unread = meter.cell('tradewind_http_unread_total');
    this.#unread = new UnreadBound({ clock, sockets: () => this.#connections.sockets, mostBytes: this.#limits.openBodyBytes, onCut: () => meter.add(unread, 1) });
    this.#refusals = new Refusals(clock, meter, (options.plugins ?? []).flatMap(({ refusing = [] }) => refusing));
    this.#cors = new Cors(options.cors ?? { origins: [], maxAgeSeconds: 0 });
    this.#requestIds = new RequestIds(options.instance);
    this.#predict = new PredictDoor({
      apps, isModel: options.isModel ?? (() => false), access, slabs, clock, refusals: this.#refusals,
      maxOpen: this.#limits.openQueries, maxOpenPerConnection: this.#limits.openQueriesPerConnection,
      maxBodyBytes: this.#limits.bodyBytes, maxJsonBytes: this.#limits.jsonAnswerBytes, bodies: options.bodies ?? new OpenBodies(this.#limits.openBodyBytes),
      onFault: options.onFault,
    });
    ({ server: this.#server, guard: this.#guard } = openServer({
      maxHeaderSize: this.#limits.headerBytes,
      headersTimeout: this.#limits.headersTimeoutMs,
      requestTimeout: this.#limits.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, this.#limits.headersTimeoutMs / 4),
      keepAliveTimeout: this.#limits.keepAliveMs,
      // The gate says what is wrong with the Host header, or that there is none.
      requireHostHeader: false,
    }, options.tls));
    this.#routes = this.#plainRoutes();
    this.#lane = new Lane({
      clock, connections: this.#connections, limits: this.#limits, requestIds: this.#requestIds,
      allows: (host) => this.#allows(host),
      routes: this.#routes,
      cut: (connection, code) => answerCut(connection, code, this.#requestIds.idFor(undefined), this.#refusals),
    });
    // The lane reads what comes in the clear. Others are known from their greeting on.
    if (this.#guard === undefined) this.#lane.watch(this.#server);
    else this.#server.on('secureConnection', (socket: Socket) => void this.#connections.of(socket));
    this.#fastify = this.#setUpFastify();
  }

  /** Answers to queries that came through this door go here. */
  get answers(): AnswerSink {
    return this.#predict;
  }

  /** Predict requests that are being read or wait for their answer. */
  get open(): number {
    return this.#predict.open;
  }

  /** Where it listens; undefined before it does. */
  get url(): string | undefined {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') return address === null ? undefined : `unix:${address}`;
    return `${this.#guard === undefined ? 'http' : 'https'}://${inAddress(address.address)}:${address.port}`;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Where queries go. Before `listen`. */
  connect(road: PredictPort): void {
    this.#predict.connect(road);
  }

  /** A request that came by another way than the port, from somebody whose right to come is known. After `listen`. */
  operate(request: IncomingMessage, response: ServerResponse): void {
    this.#fastify.routing(request, response);
  }

  /** Binds the address; says where that is. Rejects as `net.Server.listen` does (`EADDRINUSE`). */
  async listen(at: { readonly host: string; readonly port: number } | SocketFile): Promise<Listening> {
    this.#server.once('listening', () => {
      this.#allows = hostAllowList([...this.#options.allowedHosts, ...('host' in at ? ownName(at.host) : [])], this.#port);
    });
    if ('host' in at) await this.#fastify.listen({ host: at.host, port: at.port });
    else await listenOnSocketFile(at, () => this.#fastify.listen({ path: at.path }));
    return { url: this.url ?? '', port: this.#port ?? 0 };
  }

  /** Not ready from now on, and every answer says `connection: close`. New requests are still taken. */
  stopAccepting(): void {
    this.#draining = true;
    this.#predict.drain();
  }

  /**
   * Takes no new connections, waits until open requests are answered, at most `withinMs`, and closes what is left.
   * Says how many requests lost their answer.
   */
  async close(withinMs: number): Promise<number> {
    this.stopAccepting();
    const { clock } = this.#options;
    const now = clock.now();
    let lost = 0;
    const takeBack = clock.wakeAt(now + withinMs * 1000, () => {
      lost = this.open;
      this.#server.closeAllConnections();
      this.#lane.closeAll();
    });
    // A request that is on the wire by now is read, and its answer says that the connection closes; without this moment it
    // would meet a connection that was idle, and so was closed under it.
    await new Promise<void>((resolve) => clock.wakeAt(now + Math.min(GRACE_MICROS, withinMs * 1000), resolve));
    // A process that stood still wakes when that moment is over and has read nothing in it: a turn to let in who came, one to read.
    for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => clock.defer(resolve));
    // The server stops listening and closes its idle connections.
    const closed = this.#fastify.close();
    this.#lane.closeIdle();
    this.#guard?.closeGreeting();
    void this.#closeIdle();
    await closed;
    takeBack();
    // A connection that was cut says so a moment later.
    await this.#connections.allClosed();
    this.#unread.stop();
    return lost;
  }

  /** Once nothing is open, the connections that only might have asked something are closed. */
  async #closeIdle(): Promise<void> {
    await this.#predict.idle();
    this.#server.closeIdleConnections();
    this.#lane.closeIdle();
    this.#connections.closeUnasked();
  }

  /** Undefined on a Unix socket, and before it listens. */
  get #port(): number | undefined {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? undefined : address.port;
  }

  #setUpFastify(): FastifyInstance {
    const fastify = Fastify({
      serverFactory: (handler) => this.#setUpServer(handler),
      clientErrorHandler: (error, socket) => answerMalformed(this.#connections.of(socket), error, this.#requestIds.idFor(undefined), this.#refusals),
      frameworkErrors: (error, request, reply) => this.#refuse(request, reply, refusalOf(error)),
      genReqId: (request) => this.#connections.find(request.socket).latest?.requestId ?? this.#requestIds.idFor(request.headers['x-request-id']),
      bodyLimit: this.#limits.otherBodyBytes,
      return503OnClosing: false,
      routerOptions: { maxParamLength: 256 },
    });
    const methodsOf = watchRoutes(fastify);
    fastify.setErrorHandler((error, request, reply) => this.#refuse(request, reply, this.#refusalOf(error, request.id)));
    fastify.setNotFoundHandler((request, reply) => {
      const path = (request.url.split('?', 1)[0] ?? '');
      const allow = methodsOf(path);
      if (allow.length === 0) this.#refuse(request, reply, { code: 'unknown_route', message: ERRORS.unknown_route.message });
      else this.#refuse(request, reply, { code: 'method_not_allowed', message: `The route takes ${allow.join(', ')}.`, allow });
    });
    fastify.removeContentTypeParser('text/plain');
    void fastify.register(async (scope) => this.#registerPredict(scope));
    void fastify.register(async (scope) => this.#registerOthers(scope));
    return fastify;
  }

  #setUpServer(handler: (request: IncomingMessage, response: ServerResponse) => void): Server {
    const server = this.#server;
    server.maxConnections = this.#limits.connections;
    // All headers are read, so that none is dropped unseen; their bytes are bounded.
    server.maxHeadersCount = 0;
    // A client may close its side once it has sent its requests, and still gets its answers.
    (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
    server.setTimeout(this.#limits.stallMs, (socket) => {
      if (this.#connections.of(socket).open.every((exchange) => exchange.state === 'body')) socket.destroy();
    });
    server.on('drop', () => this.#refusals.count('overloaded'));
    const check = gate((host) => this.#allows(host), this.#limits.bodyBytes);
    const take = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => {
      const connection = this.#connections.of(request.socket);
      const exchange = new HttpExchange({ request, response, connection, requestId: this.#requestIds });
      connection.latest = exchange;
      const refusal = check(request);
      if (refusal !== undefined) return this.#refusals.refuse(exchange, refusal, this.#draining);
      const asked = this.#cors.mark(request, response);
      if (asked !== 'request') return this.#preflight(exchange, asked);
      // Behind other answers it has no socket yet, and node would put the 100 between head and body of its own.
      if (expectsContinue && response.socket !== null) response.writeContinue();
      const serve = request.method === 'POST' ? takerOf(this.#routes, request.url ?? '', request.headers) : undefined;
      if (serve === undefined) handler(request, response);
      else serve(exchange);
    };
    server.on('request', (request, response) => take(request, response, false));
    server.on('checkContinue', (request, response) => take(request, response, true));
    server.on('connect', (_request, socket) => {
      if (socket instanceof Socket) endWith(socket, { code: 'method_not_allowed', message: 'This is no proxy.' }, this.#requestIds.idFor(undefined), this.#refusals);
      else socket.destroy();
    });
    // What else a client may expect is not known here; it is served as if it had not asked (RFC 9110 §10.1.1).
    server.on('checkExpectation', (request, response) => take(request, response, false));
    return server;
  }

  /** Requests in their plain form, which need no router. */
  #plainRoutes(): readonly LaneRoute[] {
    return [plainPredict((call) => this.#take(call)), ...(this.#options.plugins ?? []).flatMap(({ lane = [] }) => lane)];
  }

  /** The router would not answer for what it has handed over. */
  #take(call: PredictCall): void {
    try {
      this.#predict.take(call);
    } catch (error) {
      this.#refusals.refuse(call.exchange, this.#refusalOf(error, call.exchange.requestId), this.#draining);
    }
  }

  #refusalOf(error: unknown, requestId: string): Refusal {
    const refusal = refusalOf(error);
    if (refusal.code === 'internal') this.#options.onFault(error, requestId);
    return refusal;
  }

  #registerPredict(scope: FastifyInstance): void {
    scope.removeAllContentTypeParsers();
    // The body stays in the socket: the route reads it itself, and only learns here which kind it is.
    scope.addContentTypeParser('application/json', (_request, _payload, done) => done(null, 'json'));
    scope.addContentTypeParser('application/octet-stream', (_request, _payload, done) => done(null, 'binary'));
    scope.post(fastifyPath(PREDICT_ROUTE.path), (request: FastifyRequest<{ Params: { app: string } }>, reply) => {
      reply.hijack();
      const media = request.body === 'binary' ? 'binary' : 'json';
      this.#take({
        exchange: this.#exchangeOf(request, reply, this.#connections.of(request.raw.socket)), appName: request.params.app, media,
        settings: predictOptions(request.headers, request.query as Readonly<Record<string, unknown>>, media),
      });
    });
  }

  #registerOthers(scope: FastifyInstance): void {
    scope.addHook('onRequest', async (request, reply) => {
      reply.header('x-request-id', request.id);
      if (this.#draining) reply.header('connection', 'close');
    });
    registerHealth(scope, { ...this.#options.health, draining: () => this.#draining });
    const plugins = this.#options.plugins ?? [];
    for (const { register } of plugins) void scope.register(register);
    const routes = [PREDICT_ROUTE, ...HEALTH_ROUTES, OPENAPI_ROUTE, ...plugins.flatMap((plugin) => plugin.routes)];
    const document = JSON.stringify(openApiDocument(routes, this.#options.version));
    scope.get(OPENAPI_ROUTE.path, async (_request, reply) => reply.type('application/json; charset=utf-8').send(document));
  }

  /** A page asks whether it may ask. */
  #preflight(exchange: HttpExchange, verdict: 'preflight' | 'refused'): void {
    if (verdict === 'preflight') exchange.answer({ status: 204, headers: [], body: '', bodyBytes: 0, last: this.#draining });
    else this.#refusals.refuse(exchange, { code: 'cross_origin', message: 'The origin is not among `listen.cors.origins`.' }, this.#draining);
  }

  #refuse(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): void {
    reply.hijack();
    this.#refusals.refuse(this.#exchangeOf(request, reply, this.#connections.find(request.raw.socket)), refusal, this.#draining);
  }

  #exchangeOf({ raw: request, id: requestId }: FastifyRequest, { raw: response }: FastifyReply, connection: Connection): HttpExchange {
    return new HttpExchange({ request, response, connection, requestId });
  }
}

/** An address that listens on everything is no name by which anybody calls it. */
function ownName(host: string): string[] {
  if (host === '0.0.0.0' || host === '::') return [];
  return [inAddress(host)];
}
