import assert from "node:assert/strict";
import { cleanUp } from "../support/clean-up";
import { fault } from "../support/faults";
import { COLLECT, differences, type Droplet, newDroplet, on, removeDroplet } from "../support/lab";
import { Stack } from "../support/stack";

const NAME = "e2e-new-server";
const OTHER = `${NAME}-2`;

/** As docs/worst-day.md has it, of a server that the stack did not make. */
describe("an instance whose server is gone", function () {
    this.timeout(400_000);
    let lost: Droplet;
    let found: Droplet;
    let stack: Stack;

    before(async () => {
        lost = await newDroplet(NAME, "0.1.9");
        found = await newDroplet(OTHER, "none");
        stack = await Stack.create(NAME, lost);
        await stack.configure(lost, "0.1.10");
    });

    after(() =>
        cleanUp(
            () => Stack.remove(NAME),
            () => removeDroplet(NAME),
            () => removeDroplet(OTHER),
        ),
    );

    /** The lab's own tool does not know what was installed later. */
    const fingerprint = (droplet: Droplet) => on(droplet, "bash -s /opt/specivo", COLLECT);

    it("comes back on another one, at the version of its newest backup, and is upgraded anew", async () => {
        const data = await fingerprint(lost);
        const before = await stack.up();
        assert.equal(before.status, 0, before.output);
        await fault(lost, "network-cut");

        const { address: host, knownHosts: sshKnownHostsPath } = found;
        await stack.set({ host, sshKnownHostsPath, adminEmail: "admin@example.org", restoreFrom: "latest" });
        const { status, output } = await stack.up();
        assert.equal(status, 0, output);
        assert.match(output, /bringing back backup [0-9a-f]{8} of .*, Specivo 0\.1\.9/);
        assert.match(output, /0\.1\.10 is verified/);
        assert.equal(await differences(data, await fingerprint(found)), "");
        const again = await stack.up("--expect-no-changes");
        assert.equal(again.status, 0, again.output);
    });
});
