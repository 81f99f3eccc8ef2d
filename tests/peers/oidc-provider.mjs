// A certified OpenID provider on loopback for the login tests.
//   node oidc-provider.mjs [--port N] [--id-token-ttl SECONDS] [--audience URL] [--users JSON] [--exit-with-stdin]
// Prints one JSON line when it answers. Hooks, loopback only:
//   GET /test/rotate[?keep]        new signing keys; with `keep` the old ones stay published
//   GET /test/disable?sub=NAME     the account is gone; /test/enable?sub=NAME brings it back
//   GET /test/token?sub=S&aud=A[&ttl=N][&typ=T][&claim=value…]   a token of this issuer; groups=A,B is a list
import http from 'node:http';
import { parseArgs } from 'node:util';
import { Provider, errors } from 'oidc-provider';
import MemoryAdapter from 'oidc-provider/lib/adapters/memory_adapter.js';
import { SignJWT, exportJWK, generateKeyPair, importJWK } from 'jose';

// Stdout carries the ready line only.
console.log = console.info = console.warn = console.error;

const { values: args } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'id-token-ttl': { type: 'string', default: '3600' },
    audience: { type: 'string', default: 'https://gateway.test' },
    users: { type: 'string' },
    'exit-with-stdin': { type: 'boolean', default: false },
  },
});
const users = args.users ? JSON.parse(args.users) : {
  alice: ['engineers', 'payments'],
  bob: ['approvers'],
  carol: ['admins'],
  dave: ['admins'],
  ci: ['ci'],
};

let made = 0;
const newKey = async (alg) => {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), use: 'sig', alg, kid: `${alg}-${++made}` };
};
const newKeys = async () => [await newKey('RS256'), await newKey('ES256')];

const publicClient = {
  token_endpoint_auth_method: 'none',
  application_type: 'native',
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  // Native clients may add any port to a loopback address (RFC 8252 §7.3).
  redirect_uris: ['http://127.0.0.1/callback', 'http://127.0.0.1/', 'http://[::1]/callback', 'http://localhost/callback'],
};
const disabled = new Set();
const person = (sub) => ({
  sub, name: sub[0].toUpperCase() + sub.slice(1), preferred_username: sub,
  email: `${sub}@example.test`, email_verified: true, groups: users[sub] ?? [],
});

// A token is for the gateway or for a resource on this machine (RFC 8707).
const audience = (resource) => {
  const known = resource === args.audience || ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(resource).hostname);
  if (!known) throw new errors.InvalidTarget();
  return resource;
};

// One store for all: a rotation makes a new provider, and who is logged in stays so.
class Store extends MemoryAdapter {}

const provider = (issuer, keys) => new Provider(issuer, {
  adapter: Store,
  jwks: { keys },
  cookies: { keys: ['loopback-test-cookie'] },
  clients: [
    { client_id: 'hoopctl', ...publicClient },
    { client_id: 'assistant', ...publicClient },
    { client_id: 'hoopctl-es256', ...publicClient, id_token_signed_response_alg: 'ES256' },
  ],
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  conformIdTokenClaims: false, // claims go into the ID token, where the gateway reads groups
  claims: {
    openid: ['sub'], groups: ['groups'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'],
  },
  scopes: ['openid', 'offline_access', 'groups', 'email', 'profile', 'gateway', 'mcp'],
  ttl: { IdToken: Number(args['id-token-ttl']), AccessToken: 3600, RefreshToken: 86400, Grant: 86400, Session: 86400, Interaction: 600 },
  findAccount: (_ctx, sub) => (disabled.has(sub) || !(sub in users) ? undefined : { accountId: sub, claims: () => person(sub) }),
  extraTokenClaims: (_ctx, token) => ({ groups: users[token.accountId] ?? [] }),
  // The provider's own dispatcher refuses loopback addresses.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  features: {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    registration: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => args.audience,
      useGrantedResource: () => true,
      getResourceServerInfo: (_ctx, resource) => ({
        scope: 'gateway mcp', audience: audience(resource), accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
}).callback();

let keys = await newKeys();
let issuer;
let answer;

const workloadToken = async (query) => {
  const { sub = 'ci', aud = args.audience, ttl = '300', typ = 'JWT', ...claims } = Object.fromEntries(query);
  if (claims.groups !== undefined) claims.groups = claims.groups.split(',');
  const key = keys.find((k) => k.alg === 'RS256');
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, typ })
    .setIssuer(issuer).setSubject(sub).setAudience(aud).setJti(crypto.randomUUID())
    .setIssuedAt(now).setNotBefore(now).setExpirationTime(now + Number(ttl))
    .sign(await importJWK(key, key.alg));
};

const hooks = {
  '/test/rotate': async (query) => {
    const fresh = await newKeys();
    keys = query.has('keep') ? [...fresh, ...keys] : fresh;
    answer = provider(issuer, keys);
    return { kids: keys.map((k) => k.kid) };
  },
  '/test/disable': async (query) => { disabled.add(query.get('sub')); return { disabled: [...disabled] }; },
  '/test/enable': async (query) => { disabled.delete(query.get('sub')); return { disabled: [...disabled] }; },
  '/test/token': async (query) => ({ token: await workloadToken(query) }),
};

const server = http.createServer(async (request, response) => {
  const url = new URL(request.url, issuer);
  if (!url.pathname.startsWith('/test/')) return answer(request, response);
  const hook = hooks[url.pathname];
  response.writeHead(hook ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(hook ? await hook(url.searchParams) : { error: 'no such hook' }));
});
server.listen(Number(args.port), '127.0.0.1', () => {
  const { port } = server.address();
  issuer = `http://127.0.0.1:${port}`;
  answer = provider(issuer, keys);
  process.stdout.write(`${JSON.stringify({ kind: 'oidc-provider', issuer, port, client_id: 'hoopctl', users })}\n`);
});
if (args['exit-with-stdin']) process.stdin.on('end', () => process.exit(0)).resume();
