// Sends each request that it is told of, as many at a time as there are connections, and reads each answer: the least that it can take.
const { Pool } = require("undici");
const { text } = require("node:stream/consumers");

async function send() {
  const { endpoint, bodies, parallel } = JSON.parse(await text(process.stdin));
  const { origin, pathname } = new URL(endpoint);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const begun = performance.now();
  const pool = new Pool(origin, { connections: parallel });
  const answers = await Promise.all(
    bodies.map(async (body) => {
      const answer = await pool.request({ method: "POST", path: pathname, headers, body });
      return answer.body.text();
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  await pool.close();
  const refused = answers.find((answer) => answer.includes("<error"));
  if (refused !== undefined) {
    throw new Error(`a bare request was refused: ${refused}`);
  }
  console.log(seconds);
}

send();
