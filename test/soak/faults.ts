import { fault, mend } from "../support/faults";
import { INTERRUPTIONS } from "../support/interruptions";
import { Droplet, tryOn } from "../support/lab";
import type { Up } from "../support/up";

const moments = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** What goes wrong at a random moment; whatever lasts is mended when `pulumi up` has ended. */
export const FAULTS: Readonly<Record<string, (droplet: Droplet, up: Up) => Promise<unknown>>> = {
    ...INTERRUPTIONS,
    "database restarts": (droplet) => tryOn(droplet, "docker restart -t 5 specivo-db-1"),
    "Redis restarts": (droplet) => tryOn(droplet, "docker restart -t 1 specivo-redis-1"),
    // Not by `docker kill`, which is somebody's wish that it stays away.
    "api killed": (droplet) =>
        tryOn(
            droplet,
            "docker ps -q --filter label=com.docker.compose.service=api | xargs docker inspect -f '{{.State.Pid}}' | xargs kill -KILL",
        ),
    "disk full": (droplet) => fault(droplet, "disk-full", "1"),
    "registry gone": (droplet) => fault(droplet, "registry-gone"),
    "link dead": async (droplet) => {
        await fault(droplet, "network-cut");
        await moments(15);
        await mend(droplet, "network-cut");
    },
    "link bad": (droplet) => fault(droplet, "network-lossy", "5"),
    "clock jumps": (droplet) => fault(droplet, "clock-jump", "7200"),
};
