// Opens listeners: TCP, and unix sockets with their mode and group.

import { chmodSync, lchownSync, lstatSync, statSync, unlinkSync } from 'node:fs';
import { connect, type ListenOptions, type Server } from 'node:net';
import { dirname } from 'node:path';
import { groupId } from './groups.ts';
import { SocketFile } from './socket-file.ts';

/** The address of the service, as in `check_policy_service inet:HOST:PORT` or `unix:PATH`. */
export type ListenSpec =
  | { readonly type: 'inet'; readonly host: string; readonly port: number }
  | {
      readonly type: 'unix';
      readonly path: string;
      /** permission bits of the socket */
      readonly mode: number;
      /** name of the group that owns it; undefined for the system's default */
      readonly group?: string | undefined;
    };

/** Clients that the kernel queues until they are accepted. */
export const BACKLOG = 1024;

/** Bytes of the path of a unix socket: sun_path of unix(7), without its NUL. Node opens a longer one under another name. */
export const MAX_SOCKET_PATH = 107;

/** `inet:127.0.0.1:10040`, `unix:/path`, as in check_policy_service. */
export function listenText(spec: ListenSpec): string {
  if (spec.type === 'unix') return `unix:${spec.path}`;
  return `inet:${spec.host.includes(':') ? `[${spec.host}]` : spec.host}:${spec.port}`;
}

export function tooLong(path: string): string {
  return `${path} has more than ${MAX_SOCKET_PATH} bytes, the most of a unix socket`;
}

/** A server that listens. */
export interface Listening {
  /** whether its address still leads to this server */
  readonly isReachable: boolean;
  /** Accepts no new connections; open ones stay. */
  close(): void;
}

/** The result of reopening a listener. */
export interface Reopened {
  /** as `listenText` writes it */
  readonly where: string;
  /** the system's error message, where it could not be opened */
  readonly failure?: string | undefined;
}

/** @throws the system's error, such as EADDRINUSE */
export async function listen(server: Server, spec: ListenSpec): Promise<Listening> {
  if (spec.type === 'unix') return await listenUnix(server, spec);
  await listening(server, { host: spec.host, port: spec.port, backlog: BACKLOG });
  return { isReachable: true, close: () => server.close() };
}

function listening(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** The socket is created closed to others. Its mode and group are set before it is used. */
async function listenUnix(server: Server, spec: ListenSpec & { type: 'unix' }): Promise<Listening> {
  if (Buffer.byteLength(spec.path) > MAX_SOCKET_PATH)
    throw Object.assign(new Error(tooLong(spec.path)), { code: 'ENAMETOOLONG' });
  await removeStale(spec.path);
  const umask = process.umask(0o177);
  const open = listening(server, { path: spec.path, backlog: BACKLOG });
  process.umask(umask);
  await open.catch((error) => {
    throw isMissing(dirname(spec.path)) ? noDirectory(dirname(spec.path)) : error;
  });
  const file = new SocketFile(server, spec.path);
  try {
    (await accessOf(spec))();
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The error of a directory that does not exist, with the code that Node has for it: EACCES (uv_pipe_bind of libuv). */
function noDirectory(path: string): Error {
  return Object.assign(new Error(`there is no directory ${path}`), { code: 'EACCES' });
}

/** Whether nothing has the path. One that cannot be looked up may exist. */
function isMissing(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** A function that sets mode and group of a socket. @throws where the group does not exist */
export async function accessOf({ path, mode, group }: ListenSpec & { type: 'unix' }): Promise<() => void> {
  const id = group === undefined ? undefined : await groupId(group);
  return () => {
    const facts = lstatSync(path);
    // A user who can write to the directory may have put a link there, to have another file opened to others.
    if (!facts.isSocket()) throw Object.assign(new Error(`${path} is no longer a socket`), { code: 'EPERM' });
    if (id !== undefined) lchownSync(path, facts.uid, id);
    chmodSync(path, mode);
  };
}

/** Removes the socket file that a killed daemon left behind. If a process answers on it, it stays. */
async function removeStale(path: string): Promise<void> {
  if (!statSync(path, { throwIfNoEntry: false })?.isSocket()) return;
  const answer = await new Promise<string | undefined>((resolve) => {
    const probe = connect(path, () => resolve(undefined));
    probe.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    probe.on('connect', () => probe.destroy());
  });
  // Any other error, such as a full backlog, is a sign of a process behind it.
  if (answer === 'ECONNREFUSED') unlinkSync(path);
  else throw Object.assign(new Error(`${path} is in use by another process`), { code: 'EADDRINUSE' });
}
