import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";

const LIB = path.join(__dirname, "../../host/lib");

const SETUP = `set -euo pipefail; say() { echo "$*"; }; clock() { CLOCK=130; }; PROGRESS_SECONDS=0.05; . ${LIB}/progress.sh`;

/** What the script says, with lines said every 50 ms. */
function said(script: string): string[] {
    const { status, stdout, stderr } = spawnSync("bash", ["-c", `${SETUP}; ${script}`], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return stdout.split("\n").filter((line) => line !== "");
}

describe("progress", () => {
    it("is said while something goes on, as it is then, and not after", () => {
        const lines = said(`count() { echo "at $SECONDS"; }
            progress_start count; sleep 0.3; progress_stop; echo done; sleep 0.2`);
        assert.equal(lines.at(-1), "done");
        assert.ok(lines.length >= 3, lines.join());
        assert.ok(lines.slice(0, -1).every((line) => /^at \d+$/.test(line)));
    });

    it("ends without a word of its own", () => {
        const { stderr } = spawnSync(
            "bash",
            ["-c", `${SETUP}; progress_start true; sleep 0.2; progress_stop; sleep 0.1`],
            {
                encoding: "utf8",
            },
        );
        assert.equal(stderr, "");
    });

    it("says nothing where nothing can be told, and ends nothing by that", () => {
        assert.deepEqual(said("progress_start false; sleep 0.2; progress_stop; echo done"), ["done"]);
    });

    it("can be stopped where none was begun", () => {
        assert.deepEqual(said("progress_stop; echo done"), ["done"]);
    });

    it("tells a dump's bytes, a copy's, and how long a start has taken with the migration it is at", () => {
        const log = `INFO Running upgrade 0020 -> 0021, one\\nINFO Running upgrade 0021 -> 0022, two`;
        const lines =
            said(`head -c 3000000 /dev/zero >/tmp/progress.$$; dump_progress /tmp/progress.$$ 9000000; rm /tmp/progress.$$; echo
            restore_progress 540000000 echo 120000000; echo
            restore_progress 0 echo 120000000; echo
            docker() { printf '${log}'; }; start_progress api 110 900; echo
            docker() { :; }; start_progress api 110 900; echo`);
        assert.deepEqual(lines, [
            "dumping: 3 MB written, of a database of 9 MB with its indexes",
            "restoring: the copy has 120 of about 540 MB",
            "restoring: the copy has 120 MB",
            "starting: 20 s of at most 900 s, the last migration it began is 0022",
            "starting: 20 s of at most 900 s",
        ]);
    });
});
