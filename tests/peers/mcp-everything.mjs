// @modelcontextprotocol/server-everything over streamable HTTP on an ephemeral loopback port.
//   node mcp-everything.mjs [--port N] [--exit-with-stdin]
// The package listens on every address and prints to stdout; here it stays on loopback and stdout has the ready line only.
import net from 'node:net';

console.log = console.error;
const args = process.argv.slice(2);
const at = args.indexOf('--port');
const port = at < 0 ? 0 : Number(args[at + 1]);
process.env.PORT = String(port);
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function onLoopback(_port, ...rest) {
  this.once('listening', () => {
    const bound = this.address().port;
    process.stdout.write(`${JSON.stringify({ kind: 'mcp-everything', port: bound, url: `http://127.0.0.1:${bound}/mcp` })}\n`);
  });
  return listen.call(this, port, '127.0.0.1', ...rest.filter((argument) => typeof argument === 'function'));
};
if (args.includes('--exit-with-stdin')) process.stdin.on('end', () => process.exit(0)).resume();
const entry = import.meta.resolve('@modelcontextprotocol/server-everything/dist/transports/streamableHttp.js');
await import(entry);
