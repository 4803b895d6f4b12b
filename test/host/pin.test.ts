import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readBundle } from "../../components/bundle";
import { envForms } from "../support/env-forms";
import { root, run, succeed } from "../support/run";

describe("the pin in .env", () => {
    let directory: string;

    beforeEach(() => {
        directory = fs.mkdtempSync(path.join(os.tmpdir(), "pin-"));
    });

    afterEach(() => fs.rmSync(directory, { recursive: true }));

    /** Runs one function of host/lib/env-file.sh, as the operations do. */
    const call = (...words: string[]) =>
        succeed("bash", ["-c", `set -euo pipefail; export LC_ALL=C; . host/lib/env-file.sh; "$@"`, "bash", ...words]);

    for (const [name, before, after] of envForms) {
        it(`changes in the one value only: ${name}`, async () => {
            const file = path.join(directory, ".env");
            const next = path.join(directory, "next");
            fs.writeFileSync(file, before, "latin1");
            await succeed("bash", [
                "-c",
                `set -euo pipefail; export LC_ALL=C; . host/lib/env-file.sh; pin_text "$1" 0.1.10 > "$2"; replace_file "$1" "$2"`,
                "bash",
                file,
                next,
            ]);
            assert.equal(fs.readFileSync(file, "latin1"), after);
            assert.equal((await call("pin_read", file)).stdout.trim(), "0.1.10");
        });
    }

    it("keeps mode, owner and a symbolic link", async () => {
        const real = path.join(directory, "real.env");
        const link = path.join(directory, ".env");
        fs.writeFileSync(real, "SPECIVO_VERSION=0.1.9\n", { mode: 0o640 });
        fs.chmodSync(real, 0o640);
        fs.symlinkSync("real.env", link);
        const next = path.join(directory, "next");
        fs.writeFileSync(next, "SPECIVO_VERSION=0.1.10\n");
        await call("replace_file", link, next);
        assert.ok(fs.lstatSync(link).isSymbolicLink());
        assert.equal(fs.statSync(real).mode & 0o777, 0o640);
        assert.equal(fs.readFileSync(real, "utf8"), "SPECIVO_VERSION=0.1.10\n");
        assert.deepEqual(fs.readdirSync(directory).sort(), [".env", "next", "real.env"]);
    });

    it("the entry point is one valid bash script, bundled or not", async () => {
        const bundled = path.join(directory, "specivo-host");
        fs.writeFileSync(bundled, readBundle().text, { mode: 0o755 });
        for (const words of [["--help"], ["pin", "--help"]]) {
            const fromCheckout = await run(path.join(root, "host/specivo-host"), words);
            assert.equal(fromCheckout.status, 0, fromCheckout.output);
            const fromBundle = await run(bundled, words, { cwd: directory });
            assert.deepEqual(fromBundle, fromCheckout);
        }
        const { output } = await run(bundled, ["pin", "--help"], { cwd: directory });
        assert.match(output, /^Usage: specivo-host pin/);
    });
});
