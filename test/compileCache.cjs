/**
 * Has a process of Node.js keep what V8 makes of its modules, as `node --require` loads it: each run of the engine starts two hosts or more,
 * which load the same thousand modules again and again. Not by NODE_COMPILE_CACHE, which gives all processes one folder: Pulumi's SDK
 * changes a flag of V8 while it loads, and V8 throws away what a program has kept of a module where a host loads it on the other side of it.
 */
const { enableCompileCache } = require("node:module");
const { basename, dirname, join } = require("node:path");

const kind = process.argv[1] === undefined ? "eval" : basename(dirname(process.argv[1]));
enableCompileCache(join(__dirname, "../node_modules/.cache/compiled", kind));
