// The TypeScript SDK as a remote MCP client, with the SDK's own OAuth: no token at first, then discovery, PKCE and a
// person's sign-in.
//   node mcp-remote.mjs [--user NAME] [--call NAME JSON]… URL
// Prints one JSON document: {"unauthorized","authorization","scope","tools","calls","access_token","id_token"}.
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { signIn } from './sign-in.mjs';

let user = 'alice';
const wanted = [];
const rest = process.argv.slice(2);
while (rest[0]?.startsWith('--')) {
  const option = rest.shift();
  if (option === '--user') user = rest.shift();
  else if (option === '--call') wanted.push({ name: rest.shift(), arguments: JSON.parse(rest.shift()) });
  else throw new Error(`unknown option ${option}`);
}
const url = new URL(rest[0]);

const state = crypto.randomUUID();
const kept = {};
const provider = {
  redirectUrl: 'http://127.0.0.1:41999/callback',
  clientMetadata: { client_name: 'peer-typescript', redirect_uris: ['http://127.0.0.1:41999/callback'] },
  state: () => state,
  clientInformation: () => ({ client_id: 'assistant' }),
  tokens: () => kept.tokens,
  saveTokens: (tokens) => { kept.tokens = tokens; },
  codeVerifier: () => kept.verifier,
  saveCodeVerifier: (verifier) => { kept.verifier = verifier; },
  redirectToAuthorization: (address) => { kept.authorization = address; },
};

const client = () => new Client({ name: 'peer-typescript', version: '1.0.0' });
const transport = () => new StreamableHTTPClientTransport(url, { authProvider: provider });

const out = { unauthorized: false };
const first = transport();
try {
  await client().connect(first);
} catch (error) {
  if (!(error instanceof UnauthorizedError)) throw error;
  out.unauthorized = true;
}
out.authorization = Object.fromEntries(kept.authorization.searchParams);
const back = new URL(await signIn(kept.authorization, user));
if (back.searchParams.get('state') !== state) throw new Error('another state came back');
await first.finishAuth(back.searchParams.get('code'));

const connected = client();
const second = transport();
await connected.connect(second);
out.tools = (await connected.listTools()).tools.map((tool) => tool.name);
out.calls = [];
for (const call of wanted) out.calls.push(await connected.callTool(call));
out.access_token = kept.tokens.access_token;
out.id_token = kept.tokens.id_token ?? null;
out.scope = kept.tokens.scope ?? null;
await second.terminateSession();
await connected.close();
process.stdout.write(`${JSON.stringify(out)}\n`);
