// The TypeScript SDK as an MCP client.
//   node mcp-client.mjs [--call NAME JSON]… [--timeout SECONDS] [--no-list] [--no-progress] http URL [SECRET]
//   node mcp-client.mjs [--call NAME JSON]… [--timeout SECONDS] [--no-list] [--no-progress] stdio CMD [ARG]…
// --timeout bounds each call; opening the session may take a minute whatever it says. With --no-progress and without
// --timeout a call has the SDK's own options.
// Prints one JSON document: {"server","tools","calls","notifications"}. A call that fails carries "error" and does
// not stop the others; exit 1 means that no session could be opened ({"error"}).
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const usage = () => {
  console.error('usage: mcp-client.mjs [--call NAME JSON]… [--timeout SECONDS] [--no-list] [--no-progress] http URL [SECRET] | stdio CMD [ARG]…');
  process.exit(2);
};
const wanted = [];
const patience = 60_000;
let timeout;
let list = true;
let reports = true;
const rest = process.argv.slice(2);
while (rest[0]?.startsWith('--')) {
  const option = rest.shift();
  if (option === '--call') wanted.push({ name: rest.shift(), arguments: JSON.parse(rest.shift() ?? '{}') });
  else if (option === '--timeout') timeout = Number(rest.shift()) * 1000;
  else if (option === '--no-list') list = false;
  else if (option === '--no-progress') reports = false;
  else usage();
}
const [kind, target, ...more] = rest;
if (!target) usage();

const told = (error) => ({ name: error.name, code: error.code ?? null, message: error.message, data: error.data ?? null });
const open = {
  http: () => new StreamableHTTPClientTransport(new URL(target), {
    requestInit: { headers: more[0] ? { authorization: `Bearer ${more[0]}` } : {} },
  }),
  stdio: () => new StdioClientTransport({ command: target, args: more, env: { ...process.env }, stderr: 'inherit' }),
}[kind] ?? usage;

const client = new Client({ name: 'peer-typescript', version: '1.0.0' });
const notifications = [];
client.fallbackNotificationHandler = async (notification) => { notifications.push(notification); };
const transport = open();
try {
  await client.connect(transport, { timeout: patience });
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: told(error) })}\n`);
  process.exit(1);
}
const out = {
  server: {
    info: client.getServerVersion(), capabilities: client.getServerCapabilities(),
    instructions: client.getInstructions() ?? null, protocol: transport.protocolVersion ?? null,
  },
  tools: null,
  calls: [],
  notifications,
};
if (list) {
  out.tools = [];
  for (let cursor; ;) {
    const page = await client.listTools(cursor ? { cursor } : undefined, { timeout: patience });
    out.tools.push(...page.tools);
    cursor = page.nextCursor;
    if (!cursor) break;
  }
}
// Progress is taken where it arrives: the SDK forgets a call's handler with its result, and drops the step that came
// in the same read.
let progress = [];
const receive = transport.onmessage;
transport.onmessage = (message, extra) => {
  if (message.method === 'notifications/progress') {
    const { progressToken, ...step } = message.params;
    progress.push(step);
  }
  receive(message, extra);
};
for (const call of wanted) {
  const started = performance.now();
  const entry = { name: call.name };
  progress = [];
  try {
    const bound = timeout ? { timeout } : {};
    entry.result = await client.callTool(call, undefined, reports ? {
      timeout: patience, ...bound, resetTimeoutOnProgress: true, onprogress: () => {},
    } : bound);
  } catch (error) {
    entry.error = told(error);
  }
  if (progress.length) entry.progress = progress;
  entry.ms = Math.round(performance.now() - started);
  out.calls.push(entry);
}
process.stdout.write(`${JSON.stringify(out)}\n`);
if (kind === 'http') await transport.terminateSession().catch(() => {});
await client.close();
