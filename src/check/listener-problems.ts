// The listeners of the policy service: whether they can be opened, and who can reach them.

import { lstat } from 'node:fs/promises';
import { connect, createServer, type NetConnectOpts } from 'node:net';
import { dirname } from 'node:path';
import { AllowList } from '../blocks/allow.ts';
import { KEYWORD_NETWORKS } from '../config/fields/allow-fields.ts';
import { EXIT, exitStatusOf } from '../exit.ts';
import { type ListenSpec, listenText, MAX_SOCKET_PATH, tooLong } from '../net/listen.ts';
import { enterable } from './access.ts';
import { isPermission, type Problem } from './problem.ts';

/** ms */
const PATIENCE = 1000;
/** Ports below are for root (ip_unprivileged_port_start of ip(7)). */
const UNPRIVILEGED = 1024;

const NOT_PUBLIC = new AllowList(
  [...(KEYWORD_NETWORKS.loopback ?? []), ...(KEYWORD_NETWORKS.private ?? [])],
  [],
);

/**
 * @param isRunning whether a daemon of this policy is running: it has the addresses
 * @param remedy where there is no directory for a socket
 */
export async function listenerProblems(
  listen: readonly ListenSpec[],
  isRunning: () => Promise<boolean>,
  remedy = forPostfix,
): Promise<readonly Problem[]> {
  const found = listen.map(async (spec) => {
    const closed = spec.type === 'inet' ? await inetProblem(spec) : await unixProblem(spec, remedy);
    return [...openness(spec), ...closed, ...(closed.length > 0 ? [] : await inUse(spec, isRunning))];
  });
  return (await Promise.all(found)).flat();
}

function openness(spec: ListenSpec): readonly Problem[] {
  if (spec.type === 'unix' || spec.host === 'localhost' || NOT_PUBLIC.coversAddress(spec.host)) return [];
  return [
    {
      weight: 'warning',
      about: ['listen'],
      problem: `${listenText(spec)} is open to other hosts: the protocol has no password`,
      remedy: `Listen on loopback, inet: 127.0.0.1:${spec.port}, or let a firewall admit your mail hosts only`,
    },
  ];
}

/** Whether this host has the address, by a port that nobody uses. */
async function inetProblem({ host, port }: ListenSpec & { type: 'inet' }): Promise<readonly Problem[]> {
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen({ host, port: port < UNPRIVILEGED ? port : 0 }, () => resolve(undefined));
  });
  if (error === undefined) server.close();
  if (error === undefined || error.code === 'EADDRINUSE') return [];
  return [refusal(error, 'Name an address of this host, and a port from 1024 on')];
}

async function unixProblem(
  { path }: ListenSpec & { type: 'unix' },
  remedy: (directory: string) => string,
): Promise<readonly Problem[]> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    return [refusal(new Error(tooLong(path)), 'Name a shorter path')];
  }
  const directory = dirname(path);
  const closed = await enterable(directory);
  if (closed !== undefined) {
    // A directory that exists may belong to others: it is not to be given away.
    const usual = "Name a directory to which the daemon's user may write";
    // listen(2) of Node reports a missing directory as EACCES.
    const text = closed.code === 'ENOENT' ? remedy(directory) : usual;
    return [{ ...refusal(closed, text), status: EXIT.permission }];
  }
  const facts = await lstat(path).catch(() => undefined);
  if (facts === undefined || facts.isSocket()) return [];
  return [refusal(new Error(`${path} is not a socket`), 'Remove it, or name another path')];
}

/** Postfix must reach the socket, and nobody else. */
function forPostfix(directory: string): string {
  return `The unit makes that of contrib/main.cf when it starts; else: install -d -o postblock -g postfix -m 2750 ${directory}`;
}

/** The daemon is asked last: one that starts meanwhile opens its control socket before its listeners. */
async function inUse(spec: ListenSpec, isRunning: () => Promise<boolean>): Promise<readonly Problem[]> {
  const answers = await answersAt(spec.type === 'unix' ? { path: spec.path } : loopbackOf(spec));
  if (!answers || (await isRunning())) return [];
  const problem = new Error(`${listenText(spec)} is in use by another process`);
  return [refusal(problem, 'End that process, or listen elsewhere')];
}

/** A listener on every address answers on loopback too. */
function loopbackOf({ host, port }: ListenSpec & { type: 'inet' }): NetConnectOpts {
  if (host === '0.0.0.0') return { host: '127.0.0.1', port };
  return { host: host === '::' ? '::1' : host, port };
}

function answersAt(address: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, timeout: PATIENCE });
    const end = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.on('connect', () => end(true)).on('error', () => end(false));
    socket.on('timeout', () => end(false));
  });
}

function refusal(error: NodeJS.ErrnoException, remedy: string): Problem {
  return {
    weight: 'error',
    about: ['listen'],
    problem: error.message,
    remedy,
    status: exitStatusOf(error),
    isPermission: isPermission(error),
  };
}
