// The Node.js Snowflake driver, unmodified. Document, options and events are those of sf_events.py.
//   node sf_query.mjs CONNECTION.json
// Cells are [typeof, String(value)].
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import snowflake from 'snowflake-sdk';

const { connect: settings, statements } = JSON.parse(readFileSync(process.argv[2] === '-' ? 0 : process.argv[2]));
const emit = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const failure = (error) => ({
  class: error.name, errno: error.code ?? null, sqlstate: error.sqlState ?? null,
  sfqid: error.data?.queryId ?? null, msg: error.message,
});
// A VARIANT is an object, whose text says nothing of what is in it.
const plain = (value) => Array.isArray(value) || value?.constructor === Object;
const cell = (value) => [value === null ? 'null' : typeof value, plain(value) ? JSON.stringify(value) : String(value)];

snowflake.configure({ logLevel: 'ERROR', additionalLogToConsole: false, disableOCSPChecks: true });
const { user, host, port, protocol, ...rest } = settings;
const connection = snowflake.createConnection({
  ...rest, username: user, accessUrl: `${protocol}://${host}:${port}`, host, port, protocol,
});

const told = async (rows, { digest }) => {
  if (!digest) {
    const listed = [];
    for await (const row of rows) listed.push(row.map(cell));
    return { rows: listed, count: listed.length };
  }
  let count = 0, first, last, digests = [], types = [];
  for await (const row of rows) {
    if (!first) {
      first = row;
      digests = row.map(() => createHash('sha256'));
      types = row.map(() => new Set());
    }
    row.forEach((value, at) => {
      digests[at].update(`${value}\n`);
      types[at].add(cell(value)[0]);
    });
    last = row;
    count += 1;
  }
  return {
    count, sha256: digests.map((one) => one.digest('hex')), types: types.map((one) => [...one].sort()),
    first: first?.map(cell), last: last?.map(cell),
  };
};

const described = (statement) => ({
  sfqid: statement.getQueryId(), rowcount: statement.getNumRows(),
  columns: statement.getColumns().map((column) => ({
    name: column.getName(), type: column.getType(), nullable: column.isNullable(),
    scale: column.getScale(), precision: column.getPrecision(),
  })),
});

/**
 * Runs or fetches a statement; resolves with it and its rows. `next` waits for the result of the next of several. Rows
 * in a stream come once, so that a large result needs no room; the driver answers several statements without.
 */
const execute = (asked, start, options) => {
  const waiting = {};
  const next = (begin) => new Promise((resolve, reject) => {
    Object.assign(waiting, { resolve, reject });
    begin();
  });
  const complete = (error, statement, rows) => {
    if (error) waiting.reject(error);
    else waiting.resolve({ statement, next, rows: asked.digest ? statement.streamRows() : rows });
  };
  return next(() => {
    const statement = start({ ...options, rowMode: 'array', streamResult: Boolean(asked.digest), complete });
    if (asked.cancel_after !== undefined) {
      setTimeout(() => statement.cancel((error) => error && waiting.reject(error)), asked.cancel_after * 1000);
    }
  });
};

const run = async (asked, index) => {
  const started = performance.now();
  const ms = () => Math.round(performance.now() - started);
  try {
    let result = await execute(asked, (options) => connection.execute(options), {
      sqlText: asked.sql, binds: asked.many ?? asked.params, asyncExec: asked.async ?? false,
      parameters: asked.multi === undefined ? undefined : { MULTI_STATEMENT_COUNT: asked.multi },
    });
    if (asked.async) {
      const queryId = result.statement.getQueryId();
      while (connection.isStillRunning(await connection.getQueryStatusThrowIfError(queryId))) await sleep(100);
      result = await execute(asked, (options) => connection.fetchResult(options), { queryId });
    }
    for (let part = 0; ; part += 1) {
      const { statement, rows, next } = result;
      emit({
        event: 'result', index, part, sql: asked.sql, ...described(statement), ...await told(rows, asked), ms: ms(),
      });
      if (asked.multi === undefined || !statement.hasNext()) return;
      result = await next(() => statement.NextResult());
    }
  } catch (error) {
    emit({ event: 'error', index, sql: asked.sql, error: failure(error), ms: ms() });
  }
};

const started = performance.now();
try {
  // Not `connectAsync`: it tells of no failure.
  await new Promise((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
} catch (error) {
  emit({ event: 'refused', error: failure(error), ms: Math.round(performance.now() - started) });
  process.exit(1);
}
emit({ event: 'connected', version: snowflake.version ?? null, session_id: connection.getId(), ms: Math.round(performance.now() - started) });
for (const [index, statement] of statements.entries()) {
  await run(typeof statement === 'string' ? { sql: statement } : statement, index);
}
await new Promise((resolve) => connection.destroy(resolve));
emit({ event: 'closed' });
