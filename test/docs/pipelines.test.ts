import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { complaintsAbout, ensureActionlint } from "../../tools/actionlint.mts";
import { fencesOf, REPOSITORY } from "./pages";

const YAML = createRequire(require.resolve("@pulumi/pulumi"))("js-yaml") as { load(text: string): unknown };

function workflowsOf(page: string): string[] {
  return fencesOf(page, "yaml").flatMap(({ text }) => (text.includes("runs-on:") ? [text] : []));
}

const [GITHUB = ""] = workflowsOf("docs/pipelines.md");
const GITLAB = fencesOf("docs/pipelines.md", "yaml").find(({ text }) => text.startsWith("stages:"))?.text ?? "";

describe("actionlint", () => {
  let folder: string;
  let actionlint: string;
  beforeAll(async () => {
    actionlint = await ensureActionlint();
    folder = await mkdtemp(join(tmpdir(), "pulumi-billmanager-workflows-"));
    await mkdir(join(folder, ".github/workflows"), { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function complaints(workflow: string): Promise<string> {
    const file = join(folder, ".github/workflows/licenses.yml");
    await writeFile(file, workflow);
    return complaintsAbout(actionlint, file);
  }

  it.each(["docs/pipelines.md", "README.md"])("has nothing to say about the workflow of %s", async (page) => {
    const [workflow = "", ...others] = workflowsOf(page);
    expect(others).toEqual([]);
    expect(workflow).toContain("pulumi");
    expect(await complaints(workflow)).toBe("");
  });

  it("would find a key, an expression or a job's condition that is wrong", async () => {
    expect(await complaints(GITHUB.replace("timeout-minutes: 15", "timeout: 15"))).toContain(
      'unexpected key "timeout"',
    );
    expect(await complaints(GITHUB.replace("github.event_name ==", "github.event ="))).not.toBe("");
    expect(await complaints(GITHUB.replace("node-version: 24", "node: 24"))).toContain('input "node" is not defined');
  });

  it("is built once", async () => {
    const before = await readdir(join(REPOSITORY, "node_modules/.cache/actionlint"));
    expect(await ensureActionlint()).toBe(actionlint);
    expect(await readdir(join(REPOSITORY, "node_modules/.cache/actionlint"))).toEqual(before);
  });
});

interface Job {
  readonly [key: string]: unknown;
  readonly concurrency?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  readonly script?: readonly string[];
  readonly rules?: readonly unknown[];
}

describe("the workflow for GitHub", () => {
  const { jobs, on } = YAML.load(GITHUB) as { jobs: Record<string, Job>; on: Record<string, unknown> };

  it("runs for pull requests, on main and every night", () => {
    expect(Object.keys(on)).toEqual(["pull_request", "push", "schedule"]);
  });

  it("never cancels an update midway, and never runs two", () => {
    expect(jobs.up?.concurrency).toEqual({ group: "licenses-up", "cancel-in-progress": false });
    expect(GITHUB).not.toContain("cancel-in-progress: true");
  });

  it("gives credentials by the environment, and no placeholder that the vendor would count as a wrong password", () => {
    for (const job of [jobs.preview, jobs.up]) {
      expect(job?.env?.BILLMANAGER_PASSWORD).toContain("secrets.BILLMANAGER_PASSWORD");
    }
    expect(jobs.preview?.if).toBe("github.event_name == 'pull_request'");
    expect(jobs.up?.if).toBe("github.event_name != 'pull_request'");
  });
});

describe("the pipeline for GitLab", () => {
  const pipeline = YAML.load(GITLAB) as Record<string, Job>;

  it("previews merge requests, and updates on the default branch and every night, with a refresh then", () => {
    expect(pipeline.preview?.rules).toEqual([{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }]);
    expect(pipeline.up?.rules).toEqual([
      { if: '$CI_PIPELINE_SOURCE == "schedule"', variables: { REFRESH: "true" } },
      { if: "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" },
    ]);
  });

  it("never cancels an update midway, and never runs two", () => {
    expect(pipeline.up).toMatchObject({ resource_group: "licenses-up", interruptible: false });
  });

  it("has no stage and no template that is not there", () => {
    const jobs = Object.entries(pipeline).filter(([name]) => !["stages", "workflow", "variables"].includes(name));
    expect(jobs.map(([name]) => name)).toEqual([".pulumi", "preview", "up"]);
    for (const [, job] of jobs.slice(1)) {
      expect(pipeline.stages).toContain(job.stage);
      expect(job.extends).toBe(".pulumi");
      expect(job.script?.every((line) => typeof line === "string")).toBe(true);
    }
  });
});

/** The commands of both files, word for word: `test/engine/pipelines.test.ts` runs the same ones. */
describe("both pipelines", () => {
  const plain = (text: string) => text.replace(/\\\n\s*/g, "");
  it.each([
    ["GitHub", GITHUB, '"$RUNNER_TEMP/preview.yaml"'],
    ["GitLab", GITLAB, "preview.yaml"],
  ])("run the commands that are proven to work: %s", (_, text, copy) => {
    expect(plain(text)).toContain(
      `pulumi preview --stack "$STACK" --non-interactive --config-file ${copy} --config billmanager:allowOrders=false\n`,
    );
    expect(plain(text)).toContain('pulumi up --stack "$STACK" --yes --non-interactive --refresh="$REFRESH"\n');
  });
});
