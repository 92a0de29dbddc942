/** What a fake kernel does with a cell besides running it. */
export type Mischief = "drop" | "die" | "vanish" | "mute" | undefined;

/** A Jupyter server with one kernel, as much of it as the client needs. Cells really run, here. */
export interface FakeServer extends AsyncDisposable {
  readonly url: string;
  /** Cells that were sent to it. */
  readonly cells: string[];
  /** Kernels that were ended by request. */
  numShutDown: number;
  /** How often the kernel was interrupted. */
  numInterrupts: number;
}

/** A message of the protocol, JSON form. */
interface Message {
  readonly header: Readonly<Record<string, string>>;
  readonly content: Readonly<Record<string, unknown>>;
}

/** The token of every fake server. */
export const TOKEN = "s3cret";

/** Starts a {@link FakeServer} of one kind of kernel; `mischief` is asked at every cell, counted from 1, with its code. */
export function startFakeServer(
  mischief: (cell: number, code: string) => Mischief = () => undefined,
  kernelName = "deno",
): FakeServer {
  const sockets = new Set<WebSocket>();
  const model = { id: crypto.randomUUID(), name: kernelName, "execution_state": "idle", connections: 1 };
  const json = (body: unknown, status = 200) => Response.json(body, { status });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (request.headers.get("authorization") !== `token ${TOKEN}`) return json({ message: "Forbidden" }, 403);
    const isMine = pathname.startsWith(`/api/kernels/${model.id}`);
    if (pathname === "/api/kernelspecs") return json({ default: kernelName, kernelspecs: SPECS(kernelName) });
    if (pathname === "/api/kernels" && request.method === "POST") {
      const { name } = await request.json();
      return name === kernelName
        ? json(kernelModel(), 201)
        : json({ message: "?", traceback: "Traceback (most recent" }, 500);
    }
    if (!isMine) return json({ message: "no such kernel" }, 404);
    if (pathname.endsWith("/channels")) {
      const { socket, response } = Deno.upgradeWebSocket(request);
      sockets.add(socket);
      socket.onclose = () => sockets.delete(socket);
      socket.onmessage = ({ data }) => void answer(JSON.parse(data), socket);
      return response;
    }
    if (request.method === "DELETE") fake.numShutDown++;
    if (pathname.endsWith("/interrupt")) fake.numInterrupts++;
    return request.method === "GET" ? json(kernelModel()) : new Response(null, { status: 204 });
  });
  const kernelModel = () => ({ ...model, "last_activity": new Date().toISOString() });
  const tell = (channel: string, type: string, parent: Message, content: object) => {
    const header = { ...parent.header, "msg_id": crypto.randomUUID(), "msg_type": type, session: model.id };
    const text = JSON.stringify({
      header,
      "parent_header": parent.header,
      metadata: {},
      content,
      channel,
      buffers: [],
    });
    for (const socket of sockets) if (socket.readyState === WebSocket.OPEN) socket.send(text);
  };
  const answer = async (message: Message, socket: WebSocket) => {
    const status = (state: string) => tell("iopub", "status", message, { "execution_state": state });
    status("busy");
    if (message.header.msg_type === "kernel_info_request") tell("shell", "kernel_info_reply", message, INFO);
    if (message.header.msg_type === "execute_request") {
      const code = String(message.content.code);
      const what = mischief(fake.cells.push(code), code);
      if (what === "die") return status("restarting");
      if (what === "vanish") return await fake[Symbol.asyncDispose]();
      if (what === "drop") {
        sockets.delete(socket);
        socket.close(4000); // and what is said from now on is not heard
      }
      await runCell(code, (type, content) => what === "mute" || tell("iopub", type, message, content));
      tell("shell", "execute_reply", message, { status: "ok", "execution_count": fake.cells.length });
    }
    status("idle");
  };
  const fake: FakeServer = {
    url: `http://127.0.0.1:${server.addr.port}/`,
    cells: [],
    numShutDown: 0,
    numInterrupts: 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.close(4000);
      await server.shutdown();
    },
  };
  return fake;
}

const SPECS = (name: string) => ({
  [name]: {
    name,
    spec: { language: name, argv: [], "display_name": name, env: {}, metadata: {} },
    resources: {},
  },
});

const INFO = {
  status: "ok",
  "protocol_version": "5.3",
  implementation: "fake",
  "implementation_version": "1",
  "language_info": { name: "typescript", version: "6", mimetype: "text/typescript", "file_extension": ".ts" },
  banner: "",
  "help_links": [],
};

/** Runs a cell with a `Deno.jupyter` of its own. */
async function runCell(code: string, broadcast: (type: string, content: object) => unknown): Promise<void> {
  const run = new Function("Deno", `return (async () => { ${code} })();`);
  await run({ ...Deno, jupyter: { broadcast } });
}
