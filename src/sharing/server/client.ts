// The client of the server, of one, of a master that sentinels watch, or of a cluster: @redis/client behind one interface.

import type { RedisClientOptions } from '@redis/client';
import type { StoreSpec } from '../shared-store.ts';
import { addressOf, type ServerAddress } from './address.ts';

/** What a link needs. Each failure ends the client: another one is made then. */
export interface ServerClient {
  connect(): Promise<unknown>;
  /** @param key by which a cluster finds the node */
  send(key: string, args: readonly string[]): Promise<unknown>;
  subscribe(channels: readonly string[], take: (message: string, channel: string) => void): Promise<unknown>;
  /** Whether an error is an answer of the server, and not one of the connection. */
  isReply(error: unknown): boolean;
  destroy(): void;
}

type Redis = typeof import('@redis/client');
/** Calls that wait at most: more are refused rather than kept in memory. */
const MAX_WAITING = 2000;

/** @param onLost called at least once when the connection breaks, also for what `connect` rejects with */
export async function newClient(spec: StoreSpec, onLost: (error: unknown) => void): Promise<ServerClient> {
  // Loaded only where hosts share.
  const redis = await import('@redis/client');
  const isReply = (error: unknown) => error instanceof redis.ErrorReply;
  if (spec.kind === 'sentinel') return { ...ofSentinel(redis, spec, onLost), isReply };
  return { ...(spec.kind === 'cluster' ? ofCluster : ofOne)(redis, spec, onLost), isReply };
}

type Bare = Omit<ServerClient, 'isReply'>;

function ofOne(redis: Redis, spec: StoreSpec, onLost: (error: unknown) => void): Bare {
  const address = addressOf(spec.urls[0] ?? '');
  const { database } = address;
  const client = redis.createClient({ ...optionsOf(spec, address), database });
  client.on('error', onLost);
  return {
    connect: () => client.connect(),
    send: (_, args) => client.sendCommand(args),
    subscribe: (channels, take) => client.subscribe([...channels], take),
    destroy: () => client.destroy(),
  };
}

function ofSentinel(redis: Redis, spec: StoreSpec, onLost: (error: unknown) => void): Bare {
  const addresses = spec.urls.map((url) => addressOf(url, 'sentinel'));
  const [first = addressOf('/')] = addresses;
  // Sentinels have users of their own, most often none.
  const forSentinels = { ...spec, user: spec.sentinelUser, password: spec.sentinelPassword };
  const sentinel = redis.createSentinel({
    name: spec.master ?? '',
    sentinelRootNodes: addresses.map(({ host, port }) => ({ host, port })),
    nodeClientOptions: tcpOptionsOf(spec, first),
    sentinelClientOptions: tcpOptionsOf(forSentinels, first),
    commandOptions: { timeout: 0 },
    maxCommandRediscovers: 1,
    passthroughClientErrorEvents: true,
  });
  sentinel.on('error', onLost);
  sentinel.on('client-error', ({ error }: { error: unknown }) => onLost(error));
  return {
    connect: () => sentinel.connect(),
    send: (_, args) => sentinel.sendCommand(false, [...args]),
    subscribe: (channels, take) => sentinel.subscribe([...channels], take),
    destroy: () => void sentinel.destroy().catch(onLost),
  };
}

function ofCluster(redis: Redis, spec: StoreSpec, onLost: (error: unknown) => void): Bare {
  const addresses = spec.urls.map((url) => addressOf(url));
  const [first = addressOf('/')] = addresses;
  const cluster = redis.createCluster({
    rootNodes: addresses.map((address) => tcpOptionsOf(spec, address)),
    defaults: tcpOptionsOf(spec, first),
    commandOptions: { timeout: 0 },
    minimizeConnections: true,
  });
  cluster.on('error', onLost);
  cluster.on('node-error', onLost);
  return {
    connect: () => cluster.connect(),
    send: (key, args) => cluster.sendCommand(key, false, [...args]),
    subscribe: (channels, take) => cluster.subscribe([...channels], take),
    destroy: () => cluster.destroy(),
  };
}

function optionsOf(spec: StoreSpec, address: ServerAddress): RedisClientOptions {
  const { path } = address;
  const { timeout } = spec;
  const plain = plainOptionsOf(spec, address);
  if (path === undefined) return { ...plain, ...tcpOptionsOf(spec, address) };
  return {
    ...plain,
    socket: { path, tls: false, connectTimeout: timeout, reconnectStrategy: false },
  };
}

function tcpOptionsOf(spec: StoreSpec, address: ServerAddress) {
  const { host, port, isTls } = address;
  const { ca, timeout } = spec;
  const common = { host, port, connectTimeout: timeout, reconnectStrategy: false } as const;
  const tls = { ...common, tls: true, ...(ca !== undefined && { ca }) } as const;
  const { commandOptions: _, ...plain } = plainOptionsOf(spec, address);
  return { ...plain, socket: isTls ? tls : common };
}

/** Without what only some servers know: every connection begins with these commands. */
function plainOptionsOf({ user, password }: StoreSpec, address: ServerAddress) {
  return {
    ...credentials(user ?? address.user, password ?? address.password),
    disableOfflineQueue: true,
    disableClientInfo: true,
    commandsQueueMaxLength: MAX_WAITING,
    maintNotifications: 'disabled',
    // Deadlines are the link's: the client would make a signal for each command.
    commandOptions: { timeout: 0 },
  } as const;
}

function credentials(username: string, password: string) {
  return password === '' ? {} : { password, ...(username !== '' && { username }) };
}
