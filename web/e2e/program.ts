//! The real program as a child process: on a free port, stopped or killed, and started again where
//! it was.
//!
//! Also the cluster: the same program in its roles, with its servers.
//!
//! Promises: it ends only what it started. Where the program is: `TICKETING_BIN`, or what `make
//! build` left; the one that runs the cluster is what `make build-cluster` left.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const BINARY = process.env.TICKETING_BIN ?? new URL("../../bin/ticketing", import.meta.url).pathname;
const TARGET = process.env.CARGO_TARGET_DIR ?? join(homedir(), ".cache/ticketing/target");
const CLUSTER = join(TARGET, "release/cluster");

export interface Program {
  /** Where it listens, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Ends it with SIGKILL, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again, on the same data and the same port. */
  again(): Promise<void>;
  /** Ends it for good and takes its data away. */
  stop(): Promise<void>;
}

/** `ticketing serve` on an own, empty data folder; answers when it does. */
export async function start(...options: string[]): Promise<Program> {
  const data = await mkdtemp(join(tmpdir(), "ticketing-web-"));
  let { child, url } = await serve(data, `127.0.0.1:${await freePort()}`, options);
  return {
    url,
    kill: () => end(child, "SIGKILL"),
    again: async () => {
      ({ child, url } = await serve(data, new URL(url).host, options));
    },
    stop: async () => {
      await end(child, "SIGTERM");
      await rm(data, { recursive: true, force: true });
    },
  };
}

/**
 * A whole cluster on this machine, on ports that are free and in an own folder, until it is
 * stopped.
 */
export async function startCluster(): Promise<Pick<Program, "url" | "stop">> {
  const data = await mkdtemp(join(tmpdir(), "ticketing-cluster-"));
  const { child, url } = await listening(CLUSTER, ["--program", BINARY, "--data", data, "--free-ports"]);
  return {
    url,
    stop: async () => {
      await end(child, "SIGTERM");
      await rm(data, { recursive: true, force: true });
    },
  };
}

/**
 * A port that nobody listens on and that the system gives to no client: a page that connects again
 * while the program is away would otherwise get the very port.
 */
async function freePort(): Promise<number> {
  const port = 10_000 + Math.floor(Math.random() * 10_000);
  const server = createServer();
  const free = await new Promise<boolean>(resolve => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  await new Promise(closed => server.close(closed));
  return free ? port : freePort();
}

function serve(data: string, listen: string, options: string[]) {
  return listening(BINARY, ["serve", "--data", data, "--listen", listen, "--log", "warn", ...options]);
}

/** Starts a program, and answers when it has said where it listens. */
async function listening(program: string, given: string[]) {
  const child = spawn(program, given, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface(child.stdout)) {
    const url = /^Listening on (\S+)/.exec(line)?.[1];
    if (url) {
      // Read on, so that it never waits for a reader.
      child.stdout.resume();
      return { child, url };
    }
  }
  throw new Error(`${program} ended before it listened`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}
