// Lists a large account, and tells how much more memory is taken afterwards. A process of its own: the rest of the tests take more.
const { Panel, listLicenses, readBalances } = require("../../dist/provider/billmanager/index.js");

const [endpoint, username, password] = process.argv.slice(2);

function taken() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function main() {
  const panel = new Panel({ endpoint, username, password });
  await readBalances(panel);
  const first = taken();
  let rows = [];
  for (let list = 0; list < 5; list++) {
    rows = await listLicenses(panel);
  }
  const listed = taken();
  for (let call = 0; call < 3000; call++) {
    await readBalances(panel);
  }
  process.send({ rows: rows.length, byLists: listed - first, byCalls: taken() - listed });
  await panel.close();
}

main();
