const pulumi = require("@pulumi/pulumi");

async function call(func, params) {
  const { BILLMANAGER_ENDPOINT, BILLMANAGER_USERNAME, BILLMANAGER_PASSWORD } = process.env;
  const authinfo = `${BILLMANAGER_USERNAME}:${BILLMANAGER_PASSWORD}`;
  const response = await fetch(BILLMANAGER_ENDPOINT, {
    method: "POST",
    body: new URLSearchParams({ func, out: "xml", authinfo, ...params }),
  });
  const xml = await response.text();
  if (!response.ok || xml.includes("<error")) {
    throw new Error(`${func} failed: ${xml}`);
  }
  return xml;
}

const field = (xml, name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

async function look(id) {
  const xml = await call("softexternal.edit", { elid: id });
  return {
    licenseName: field(xml, "licname"),
    ip: field(xml, "ip"),
    pricelist: Number(field(xml, "pricelist")),
    period: Number(field(xml, "period")),
    status: field(xml, "status"),
    createdOn: field(xml, "createdate"),
    expiresOn: field(xml, "expiredate"),
  };
}

const provider = {
  async create({ pricelist, ip, licenseName, period }) {
    const xml = await call("softexternal.order.param", {
      pricelist,
      ip,
      licname: licenseName,
      period,
      skipbasket: "on",
      sok: "ok",
    });
    const id = field(xml, "id");
    let outs = await look(id);
    while (outs.status !== "2") {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      outs = await look(id);
    }
    return { id, outs };
  },
  async read(id) {
    return { id, props: await look(id) };
  },
  async update(id, _olds, { ip, licenseName }) {
    await call("softexternal.edit", { elid: id, ip, licname: licenseName, sok: "ok" });
    return { outs: await look(id) };
  },
  async delete(id) {
    await call("softexternal.delete", { elid: id, sok: "ok" });
  },
};

class License extends pulumi.dynamic.Resource {
  constructor(name, inputs) {
    const outputs = { status: undefined, createdOn: undefined, expiresOn: undefined };
    super(provider, name, { ...outputs, ...inputs }, undefined, "billmanager", "License");
  }
}

for (const [name, ip] of Object.entries(require("./licenses.json"))) {
  new License(name, { pricelist: 9203, ip, licenseName: name, period: 1 });
}
