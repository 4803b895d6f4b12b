import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
    chmodSync,
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const REPOSITORY = path.join(__dirname, "../..");
const PLUGINS = ["command", "docker", "digitalocean"];

/** Stands for every program whose use is of interest: notes how it was called, then does as little as is needed. */
const FAKES: Record<string, string> = {
    npm: 'echo "npm $1" >>"$CALLS"; mkdir -p node_modules && touch node_modules/.package-lock.json',
    go: `[ "$1" != env ] || { echo "go\${GO_VERSION:-1.26.0}"; exit; }
echo "go $1" >>"$CALLS"
while [ "$1" != -o ]; do shift; done
[ "\${GO:-up}" = up ] || { touch "$2"; exit 1; }
cp "$FAKE_PULUMI" "$2"`,
    node: `[ "$1" = -e ] || exec "${process.execPath}" "$@"
echo "download of the CLI" >>"$CALLS"
[ "\${VENDOR:-down}" != hangs ] || sleep 60
[ "\${VENDOR:-down}" = up ] || exit 1
mkdir -p "$4/bin" && cp "$FAKE_PULUMI" "$4/bin/pulumi" && cp "$FAKE_PULUMI" "$4/bin/pulumi-language-nodejs"`,
};

const PULUMI = `#!/bin/sh
[ "$1" != version ] || { echo "v\${VERSION:-3.200.0}"; exit; }
echo "pulumi $*" >>"$CALLS"
[ "\${VENDOR:-down}" = up ] || exit 1
mkdir -p "$PULUMI_HOME/plugins/resource-$4-v$5"
cp "$0" "$PULUMI_HOME/plugins/resource-$4-v$5/pulumi-resource-$4"
`;

describe("scripts/setup engine", function () {
    this.timeout(20_000);
    let folder: string;
    let clone: string;
    let bin: string;

    function executable(file: string, text: string): void {
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, text);
        chmodSync(file, 0o755);
    }

    beforeEach(() => {
        folder = mkdtempSync(path.join(tmpdir(), "setup-"));
        clone = path.join(folder, "clone");
        bin = path.join(folder, "bin");
        for (const part of ["scripts", "lab/engine", "package.json", "package-lock.json"]) {
            cpSync(path.join(REPOSITORY, part), path.join(clone, part), { recursive: true });
        }
        for (const name of PLUGINS) {
            mkdirSync(path.join(clone, "lab/providers", name), { recursive: true });
            writeFileSync(path.join(clone, "lab/providers", name, "main.ts"), `console.log("stand-in of ${name}");\n`);
        }
        mkdirSync(path.join(clone, "node_modules"));
        for (const part of [".bin", "@types"]) {
            symlinkSync(path.join(REPOSITORY, "node_modules", part), path.join(clone, "node_modules", part));
        }
        writeFileSync(path.join(clone, "node_modules/.package-lock.json"), "");
        utimesSync(path.join(clone, "package-lock.json"), 0, 0);
        for (const [name, text] of Object.entries(FAKES)) {
            executable(path.join(bin, name), `#!/bin/sh\n${text}\n`);
        }
        executable(path.join(folder, "pulumi"), PULUMI);
    });

    afterEach(() => rmSync(folder, { recursive: true }));

    function run(command: string, settings: Record<string, string> = {}) {
        const result = spawnSync("bash", ["-c", command], {
            cwd: clone,
            encoding: "utf8",
            env: {
                PATH: `${bin}:/usr/bin:/bin`,
                HOME: path.join(folder, "home"),
                SPECIVO_CACHE: path.join(folder, "cache"),
                CALLS: path.join(folder, "calls"),
                FAKE_PULUMI: path.join(folder, "pulumi"),
                ...settings,
            },
        });
        return { status: result.status, stdout: result.stdout, stderr: result.stderr };
    }

    const calls = () =>
        existsSync(path.join(folder, "calls"))
            ? readFileSync(path.join(folder, "calls"), "utf8").trim().split("\n")
            : [];
    const setup = (settings?: Record<string, string>) => run("scripts/setup engine", settings);
    const which = (program: string, settings?: Record<string, string>) =>
        run(`. scripts/env && command -v ${program}`, settings).stdout.trim();

    /** Puts a program of the user's own on PATH. */
    const usersOwn = (name: string) => cpSync(path.join(folder, "pulumi"), path.join(bin, name));

    const usersOwnPlugins = () => PLUGINS.forEach((name) => usersOwn(`pulumi-resource-${name}`));

    describe("the CLI", () => {
        beforeEach(usersOwnPlugins);

        it("of the right version on PATH is used, and none is fetched", () => {
            usersOwn("pulumi");
            assert.equal(setup().status, 0);
            assert.equal(which("pulumi"), path.join(bin, "pulumi"));
            assert.ok(!calls().some((call) => /^go|^download/.test(call)));
        });

        it("is downloaded when there is none, and not built", () => {
            assert.equal(setup({ VENDOR: "up" }).status, 0);
            assert.match(which("pulumi"), /\/cache\/engine\/download-[0-9.]+\/bin\/pulumi$/);
            assert.ok(!calls().includes("go build"));
        });

        it("of another major version on PATH is passed over", () => {
            usersOwn("pulumi");
            const old = { VENDOR: "up", VERSION: "2.25.0" };
            assert.equal(setup(old).status, 0);
            assert.match(which("pulumi", old), /\/cache\/engine\/download-/);
        });

        it("is built from Go modules where it can't be downloaded, once", () => {
            assert.equal(setup().status, 0);
            assert.equal(setup().status, 0);
            assert.deepEqual(
                calls().filter((call) => /^go|^download/.test(call)),
                ["download of the CLI", "go build", "go build"],
            );
            assert.match(which("pulumi-language-nodejs"), /\/cache\/engine\/[0-9a-f]{12}\/pulumi-language-nodejs$/);
        });

        it("is built when the download does not get anywhere", () => {
            const begun = Date.now();
            assert.equal(setup({ VENDOR: "hangs", ENGINE_PATIENCE: "1" }).status, 0);
            assert.ok(Date.now() - begun < 15_000);
            assert.ok(calls().includes("go build"));
        });

        it("is built anew after an interrupted build", () => {
            assert.notEqual(setup({ GO: "interrupted" }).status, 0);
            assert.equal(which("pulumi"), "");
            assert.equal(setup().status, 0);
            assert.notEqual(which("pulumi"), "");
        });

        it("that can't be had at all is told of in one sentence", () => {
            rmSync(path.join(bin, "go"));
            const { status, stderr } = setup({ PATH: `${bin}:/usr/bin:/bin` });
            assert.equal(status, 1);
            assert.match(stderr, /no pulumi on PATH, it can't be downloaded from here, and building it needs Go/);
        });

        it("is not built with a Go that is too old for it", () => {
            const { status, stderr } = setup({ GO_VERSION: "1.24.9" });
            assert.equal(status, 1);
            assert.match(stderr, /^[^\n]* building it needs Go [0-9.]+ or newer; the one on PATH is 1\.24\.9\.\n$/);
            assert.ok(!calls().includes("go build"));
        });
    });

    describe("a plugin", () => {
        beforeEach(() => usersOwn("pulumi"));

        it("on PATH is used, and neither downloaded nor stood in for", () => {
            usersOwnPlugins();
            const { stderr } = setup();
            assert.equal(stderr, "");
            assert.deepEqual(calls(), []);
            assert.equal(which("pulumi-resource-docker"), path.join(bin, "pulumi-resource-docker"));
        });

        it("is downloaded in the version that its npm package names", () => {
            const { stderr } = setup({ VENDOR: "up" });
            assert.equal(stderr, "");
            const { dependencies } = JSON.parse(readFileSync(path.join(REPOSITORY, "package.json"), "utf8")) as {
                dependencies: Record<string, string>;
            };
            const wanted = PLUGINS.map(
                (name) => `pulumi plugin install resource ${name} ${dependencies[`@pulumi/${name}`]}`,
            );
            assert.deepEqual(calls().sort(), wanted.sort());
            assert.equal(which("pulumi-resource-command", { VENDOR: "up" }), "");
        });

        it("that can be had in no other way is stood in for, announced by one line", () => {
            const { stderr } = setup();
            assert.match(
                stderr,
                /^using stand-ins for these Pulumi plugins, [^\n]*: command, docker, digitalocean; they are made for the lab, and for no other server\n$/,
            );
            const { stdout } = run(`. scripts/env && ${PLUGINS.map((name) => `pulumi-resource-${name}`).join(" && ")}`);
            assert.equal(stdout, PLUGINS.map((name) => `stand-in of ${name}\n`).join(""));
        });

        it("is not asked for again at each start", () => {
            setup();
            const before = calls().length;
            setup();
            assert.equal(calls().length, before);
        });

        it("put on PATH later wins over its stand-in", () => {
            setup();
            usersOwn("pulumi-resource-command");
            assert.match(setup().stderr, /: docker, digitalocean; they are made for the lab[^\n]*\n$/);
            assert.equal(which("pulumi-resource-command"), path.join(bin, "pulumi-resource-command"));
        });
    });

    describe("npm packages", () => {
        it("are installed when they are older than the lock file", () => {
            usersOwn("pulumi");
            usersOwnPlugins();
            utimesSync(path.join(clone, "package-lock.json"), new Date(), new Date(Date.now() + 60_000));
            setup();
            assert.ok(calls().includes("npm ci"));
        });
    });

    describe("scripts/env", () => {
        const variable = (name: string, settings?: Record<string, string>) =>
            run(`. scripts/env && printf %s "\${${name}:-}"`, settings).stdout;

        it("leaves the place of the state and a user's login alone", () => {
            assert.equal(variable("PULUMI_BACKEND_URL"), "");
            mkdirSync(path.join(folder, "home/.pulumi"), { recursive: true });
            writeFileSync(path.join(folder, "home/.pulumi/credentials.json"), "{}");
            assert.equal(variable("PULUMI_HOME"), "");
            assert.equal(variable("PULUMI_HOME", { PULUMI_HOME: "/mine" }), "/mine");
        });

        it("keeps the lab apart from all that the user has set", () => {
            const mine = {
                SPECIVO_LAB: "1",
                PULUMI_HOME: "/mine",
                PULUMI_BACKEND_URL: "file:///mine",
                PULUMI_CONFIG_PASSPHRASE: "mine",
                PULUMI_CONFIG_PASSPHRASE_FILE: "/mine/passphrase",
            };
            for (const settings of [{ SPECIVO_LAB: "1" }, mine]) {
                assert.equal(variable("PULUMI_HOME", settings), path.join(folder, "cache/pulumi-home"));
                assert.equal(variable("PULUMI_BACKEND_URL", settings), `file://${clone}/.cache/state`);
                assert.equal(variable("PULUMI_CONFIG_PASSPHRASE", settings), "");
                assert.equal(variable("PULUMI_CONFIG_PASSPHRASE_FILE", settings), `${clone}/.cache/passphrase`);
            }
        });
    });
});
