import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { installPackage, Program } from "../support/program";
import { root, run, succeed } from "../support/run";
import { facts } from "../unit/support/facts";

const PROGRAM = `import * as pulumi from "@pulumi/pulumi";
import { Specivo } from "specivo-pulumi";

const tracker = new Specivo("tracker", {
    host: "203.0.113.10",
    specivoVersion: "0.1.10",
    backupPassword: pulumi.secret("canary-0c4e"),
    allowOnHostBackupOnly: true,
    changelog: "",
});

export const version: pulumi.Output<string> = tracker.version;
export const plan = tracker.plan;
`;

/** What a program of Pulumi's own template has. */
const FILES = {
    "Pulumi.yaml": "name: package-test\nruntime: nodejs\n",
    "package.json": JSON.stringify({ name: "package-test", main: "index.ts" }),
    "tsconfig.json": JSON.stringify({
        compilerOptions: {
            ...{ strict: true, noEmit: true, target: "es2020", module: "commonjs", moduleResolution: "node" },
            ...{ skipLibCheck: false, types: ["node"] },
        },
        files: ["index.ts"],
    }),
    "index.ts": PROGRAM,
};

describe("the package in another program", function () {
    this.timeout(300_000);
    let program: Program;

    before(async () => {
        program = Program.create(FILES);
        await installPackage(program);
        program.link("typescript", "@types/node");
        await program.succeed("stack", "init", "dev");
    });
    after(() => program.remove());
    beforeEach(() => {
        program.serve(facts());
        program.write({ "index.ts": PROGRAM });
    });

    it("is compiled, with what goes to the server, and nothing of the lab or the tests", () => {
        const files = fs.readdirSync(program.at("node_modules/specivo-pulumi"), { recursive: true, encoding: "utf8" });
        for (const needed of ["dist/components/index.js", "dist/components/index.d.ts", "dist/host/specivo-host"]) {
            assert.ok(files.includes(needed), needed);
        }
        assert.deepEqual(
            files.filter((file) => /(^|\/)(lab|test|node_modules)(\/|$)/.test(file)),
            [],
        );
    });

    it("has types, which tell a mistake", async () => {
        const check = () => run(`${root}/node_modules/.bin/tsc`, ["-p", "."], { cwd: program.directory });
        assert.deepEqual(await check().then(({ status, output }) => [status, output]), [0, ""]);
        program.write({ "index.ts": PROGRAM.replace("specivoVersion", "specivoVersoin") });
        assert.match((await check()).output, /specivoVersoin/);
    });

    it("looks at the server, says what it will do, and previews the steps", async () => {
        const { status, output } = await program.pulumi(["preview", "--stack", "dev"]);
        assert.equal(status, 0, output);
        assert.match(output, /upgrade: Specivo 0\.1\.9 -> 0\.1\.10, transition 0\.1\.9-to-0\.1\.10#1/);
        assert.match(output, /specivo:index:Specivo +tracker +create/);
        assert.match(output, /specivo:index:SpecivoInstance +tracker +create/);
        for (const step of ["toolkit", "offsite"].map((part) => `host-${part}`).concat("preflight-run", "verify-run")) {
            assert.match(output, new RegExp(`command:remote:Command +tracker-${step} +create`));
        }
        assert.doesNotMatch(output, /canary/);
    });

    it("estimates where the server is out of reach", async () => {
        const { status, output } = await program.pulumi(["preview", "--stack", "dev"], { SPECIVO_OFFLINE: "true" });
        assert.equal(status, 0, output);
        assert.match(output, /AN ESTIMATE, from what this stack knows by itself/);
        assert.match(output, /specivo:index:SpecivoInstance +tracker +create/);
    });

    it("refuses in one sentence, as the program does", async () => {
        for (const [wanted, sentence] of [
            ["0.8.0", /error: Going from 0\.1\.9 to 0\.8\.0 skips/],
            ["latest", /error: tracker\.specivoVersion is "latest": that tag moves/],
        ] as const) {
            program.write({ "index.ts": PROGRAM.replace("0.1.10", wanted) });
            const { status, output } = await program.pulumi(["preview", "--stack", "dev"]);
            assert.notEqual(status, 0);
            assert.match(output, sentence);
            assert.doesNotMatch(output, /\n +at |unhandled|Promise/, "a sentence, no stack trace");
        }
    });

    it("keeps two of them apart", async () => {
        const [, component = ""] = /const tracker = (new Specivo[^]*?;\n)/.exec(PROGRAM) ?? [];
        program.write({ "index.ts": PROGRAM + component.replace("tracker", "other") });
        const { status, output } = await program.pulumi(["preview", "--stack", "dev"], { SPECIVO_OFFLINE: "true" });
        assert.equal(status, 0, output);
        for (const name of ["tracker", "other"]) {
            assert.match(output, new RegExp(`command:remote:Command +${name}-verify-run +create`));
        }
    });
});

interface Property {
    readonly type: string;
    readonly description?: string;
    readonly plain?: boolean;
    readonly secret?: boolean;
}

interface Schema {
    readonly resources: Readonly<
        Record<
            string,
            {
                readonly isComponent: boolean;
                readonly inputProperties: Readonly<Record<string, Property>>;
                readonly properties: Readonly<Record<string, Property>>;
                readonly requiredInputs: readonly string[];
                readonly required: readonly string[];
            }
        >
    >;
}

const SECRETS = ["backupPassword", "offsiteSecretAccessKey", "offsiteSshPrivateKey", "smokePassword", "webhookSecret"];

/** What the SDK of any language does, which `pulumi package add` generates: the engine has the plugin make the component. */
const REMOTE = `import * as pulumi from "@pulumi/pulumi";

class Remote extends pulumi.ComponentResource {
    readonly version!: pulumi.Output<string>;
    constructor(name: string, args: pulumi.Inputs) {
        super("specivo:index:Specivo", name, { ...args, version: undefined }, {}, true);
    }
}

const tracker = new Remote("tracker", {
    host: "203.0.113.10",
    specivoVersion: "0.1.10",
    backupPassword: pulumi.secret("canary-77e1"),
    allowOnHostBackupOnly: true,
    changelog: "",
});
export const version = tracker.version;
`;

const REMOTE_FILES = {
    "Pulumi.yaml": "name: plugin-test\nruntime: nodejs\n",
    "package.json": JSON.stringify({ name: "plugin-test", main: "index.ts" }),
    "index.ts": REMOTE,
};

// In this file too, as it compiles into the same folder.
describe("the plugin, for programs in any language", function () {
    this.timeout(300_000);
    let program: Program;
    let component: Schema["resources"][string];

    before(async () => {
        program = Program.create(REMOTE_FILES);
        await succeed("scripts/build", []);
        program.link("@pulumi/pulumi", "typescript", "@types/node");
        // As Pulumi's language host starts a plugin that is a folder with a PulumiPlugin.yaml.
        const file = program.command(
            "pulumi-resource-specivo",
            `exec node '${root}/node_modules/@pulumi/pulumi/cmd/run-plugin' '${root}/plugin' "$@"`,
        );
        await program.succeed("stack", "init", "dev");
        program.serve(facts());
        const { stdout } = await program.succeed("package", "get-schema", file);
        const { resources } = JSON.parse(stdout) as Schema;
        assert.deepEqual(Object.keys(resources), ["specivo:index:Specivo"]);
        component = resources["specivo:index:Specivo"] ?? assert.fail();
    });
    after(() => program.remove());

    it("has the component in its schema, with what it needs, gives, and keeps secret", () => {
        assert.equal(component.isComponent, true);
        assert.deepEqual(component.requiredInputs, ["backupPassword", "host", "specivoVersion"]);
        const inputs = Object.entries(component.inputProperties);
        assert.deepEqual(
            inputs
                .filter(([, { secret }]) => secret)
                .map(([key]) => key)
                .sort(),
            SECRETS,
        );
        const outputs = ["backup", "direction", "history", "plan", "restorePoint", "transition", "version"];
        assert.deepEqual(Object.keys(component.properties).sort(), outputs);
        assert.deepEqual(
            outputs.filter((key) => !component.required.includes(key)),
            ["restorePoint"],
        );
    });

    it("plans and previews the steps for them", async () => {
        const { status, output } = await program.pulumi(["preview", "--stack", "dev", "--non-interactive"]);
        assert.equal(status, 0, output);
        assert.match(output, /upgrade: Specivo 0\.1\.9 -> 0\.1\.10, transition 0\.1\.9-to-0\.1\.10#1/);
        assert.match(output, /command:remote:Command +tracker-verify-run +create/);
        assert.doesNotMatch(output, /canary/);
    });

    it("refuses in one sentence", async () => {
        program.write({ "index.ts": REMOTE.replace("0.1.10", "0.8.0") });
        const { status, output } = await program.pulumi(["preview", "--stack", "dev", "--non-interactive"]);
        assert.notEqual(status, 0);
        assert.match(output, /Going from 0\.1\.9 to 0\.8\.0 skips/);
        assert.doesNotMatch(output, /\n +at /, "a sentence, no stack trace");
    });
});
