import { fault, mend } from "./faults";
import { type Droplet, tryOn } from "./lab";
import type { Up } from "./up";

/** Kills the operation that runs on a droplet with all that it has started, but not what comes after it. */
export const KILL_OPERATION = "systemctl kill --kill-whom=all --signal=KILL 'specivo-upgrade-*.service'";

/** What ends an update in the middle, wherever it is. */
export const INTERRUPTIONS: Readonly<Record<string, (droplet: Droplet, up: Up) => Promise<unknown>>> = {
    "the connections break": (droplet) => tryOn(droplet, "pkill -KILL -f '^sshd(-session)?: root'"),
    "Pulumi is killed": async (_, up) => up.kill(),
    "the power goes": async (droplet) => {
        await fault(droplet, "power-loss");
        await mend(droplet, "power-loss");
    },
    "the operation is killed": (droplet) => tryOn(droplet, KILL_OPERATION),
};
