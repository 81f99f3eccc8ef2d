// Signs a person in at the provider of oidc-provider.mjs as a browser would, by its forms and cookies alone.
//   node sign-in.mjs URL --user NAME
// Prints the address that the provider sends the browser back to.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Follows the provider from `start` until it leads elsewhere; that address is not asked. */
export const signIn = async (start, user) => {
  const provider = new URL(start).origin;
  const jar = new Map();
  const ask = async (url, options = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', ...options, headers: { ...options.headers, cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set);
      if (value) jar.set(name, value);
      else jar.delete(name);
    }
    return response;
  };
  let [url, options] = [new URL(start), {}];
  for (let step = 0; step < 20; step += 1) {
    if (url.origin !== provider) return url.href;
    const response = await ask(url, options);
    const location = response.headers.get('location');
    if (location) {
      [url, options] = [new URL(location, url), {}];
      continue;
    }
    const page = await response.text();
    const form = /<form[^>]* action="([^"]+)"/.exec(page);
    const prompt = /name="prompt" value="([^"]+)"/.exec(page);
    if (!form || !prompt) throw new Error(`no form at ${url}: ${response.status} ${page}`);
    const body = new URLSearchParams({ prompt: prompt[1] });
    if (prompt[1] === 'login') {
      body.set('login', user);
      body.set('password', 'any password');
    }
    [url, options] = [new URL(form[1], url), { method: 'POST', body }];
  }
  throw new Error(`the provider does not come to an end at ${url}`);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values: { user }, positionals: [start] } = parseArgs({
    allowPositionals: true,
    options: { user: { type: 'string', default: 'alice' } },
  });
  process.stdout.write(`${await signIn(start, user)}\n`);
}
