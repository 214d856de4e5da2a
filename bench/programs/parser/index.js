// Asks for each page of an account's list and parses it, one after the other, and nothing else: the least that it takes to know what the
// account holds. What is loaded for it counts, as it does for a provider, which loads it when it is first asked.
require("node:module").enableCompileCache();

const [, , endpoint, authinfo, pages] = process.argv;

async function read() {
  const begun = performance.now();
  const before = process.cpuUsage();
  const { Pool } = require("undici");
  const { XMLParser } = require("fast-xml-parser");
  const { origin, pathname } = new URL(endpoint);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const pool = new Pool(origin, { connections: 1 });
  const parser = new XMLParser({ ignoreAttributes: false });
  let rows = 0;
  for (let page = 1; page <= Number(pages); page += 1) {
    const asked = { func: "softexternal", out: "xml", lang: "en", authinfo, filter: "off", p_num: page, p_cnt: 1000 };
    const body = new URLSearchParams(asked).toString();
    const answer = await pool.request({ method: "POST", path: pathname, headers, body });
    const { elem = [] } = parser.parse(await answer.body.text()).doc;
    rows += [elem].flat().length;
  }
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(before);
  await pool.close();
  console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6, rows }));
}

read();
