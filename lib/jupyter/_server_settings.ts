import type { ServerConnection } from "@jupyterlab/services";
import { quietClient } from "./_quiet_client.ts";

/** The client of Jupyter servers; large, and loaded when it is needed. */
export type Services = typeof import("@jupyterlab/services");

/** A Jupyter server or gateway. */
export interface ServerAddress {
  /** Where it is: `https://...`, or `http://127.0.0.1:8888`; with the user's path on a JupyterHub. */
  readonly url: string;
  /** What it wants to know; sent as a header, never as part of an address, never printed. @default none */
  readonly token?: string;
}

/**
 * How to reach a server.
 *
 * @throws {RangeError} If the address is none, or would send a token over a network for all to read.
 */
export function createServerSettings(
  { ServerConnection }: Services,
  { url, token = "" }: ServerAddress,
): ServerConnection.ISettings {
  const { protocol, hostname, origin, pathname } = parseAddress(url);
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && isHere)) {
    throw new RangeError(
      `Cannot connect to server: url must be https, or http to this machine (a tunnel), got ${origin}`,
    );
  }
  const baseUrl = `${origin}${pathname.replace(/\/*$/, "/")}`;
  const headers = token === "" ? {} : { Authorization: `token ${token}` };
  function openSocket(address: string, protocols: string[]) {
    return new WebSocket(address, { protocols, headers });
  }
  quietClient();
  return ServerConnection.makeSettings({
    baseUrl,
    wsUrl: baseUrl.replace(/^http/, "ws"),
    token,
    appendToken: false,
    fetch: (input, init) => fetch(input, init),
    Request,
    Headers,
    WebSocket: openSocket as unknown as typeof WebSocket, // called with `new` and nothing else
  });
}

function parseAddress(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw new RangeError(
      "Cannot connect to server: url must be an address such as http://127.0.0.1:8888, got another",
    );
  }
}
