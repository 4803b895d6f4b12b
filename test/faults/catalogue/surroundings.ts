import { succeed } from "../../support/run";
import type { Stage, Step } from "../stage";
import type { Fault } from "./fault";

const jumped = (step: Step, seconds: string): Fault => ({
    name: `the clock jumps by ${seconds} s, ${step}`,
    change: "migration",
    step,
    make: (stage) => stage.fault("clock-jump", seconds),
    ends: "either",
});

/** The place for backups can't be reached any more: connections are refused, or nothing answers. */
const target = (stage: Stage, how: "REJECT" | "DROP"): Promise<string> =>
    stage.on(
        `iptables -I OUTPUT -d ${/@([^:]+):/.exec(stage.droplet.offsite.sftp.repository)?.[1]} -j ${how} -m comment --comment target-gone`,
    );
const targetBack = (stage: Stage): Promise<string> =>
    stage.on("iptables-save | grep -v target-gone | iptables-restore");

export const surroundings: readonly Fault[] = [
    jumped("backup", "7200"),
    jumped("rollout", "7200"),
    jumped("rollout", "-86400"),
    {
        name: "the place for backups is gone before it begins",
        change: "upgrade",
        before: (stage) => target(stage, "REJECT"),
        after: targetBack,
        ends: "failed",
        on: "from",
        says: /backup|repository/,
    },
    {
        name: "the place for backups stops answering, backup",
        change: "upgrade",
        step: "backup",
        make: (stage) => target(stage, "DROP"),
        after: targetBack,
        ends: "either",
        says: /backup|repository|arrived/,
    },
    {
        name: "the place for backups is gone, restore-point",
        change: "migration",
        step: "verify",
        make: (stage) => target(stage, "REJECT"),
        after: targetBack,
        ends: "either",
        on: "to",
        says: /restore point/,
    },
    {
        name: "the link loses every tenth packet",
        change: "migration",
        before: (stage) => stage.fault("network-lossy", "10"),
        ends: "either",
    },
    {
        name: "the link is dead for twenty seconds, rollout",
        change: "migration",
        step: "rollout",
        make: async (stage) => {
            await stage.fault("network-cut");
            await new Promise((resolve) => setTimeout(resolve, 20_000));
            await stage.mend("network-cut");
        },
        ends: "either",
    },
    ...(["preflight", "backup"] as const).map((step): Fault => ({
        name: `the server shows another host key, ${step === "preflight" ? "from the beginning" : step}`,
        change: "upgrade",
        ...(step === "preflight" ? { before: newHostKeys } : { step, make: newHostKeys }),
        after: oldHostKeys,
        ends: "failed",
        on: "from",
        says: /host key/i,
    })),
];

async function newHostKeys(stage: Stage): Promise<void> {
    await stage.on("cp -a /etc/ssh /root/ssh; rm /etc/ssh/ssh_host_*; ssh-keygen -A >/dev/null; systemctl restart ssh");
}

/** Over a way that no key guards: the lab's own engine. */
async function oldHostKeys(stage: Stage): Promise<void> {
    const script = '. lab/lib/common.sh && docker exec "specivo-lab-$0" bash -c "$1"';
    await succeed("bash", [
        "-c",
        script,
        stage.droplet.name,
        "cp -a /root/ssh/ssh_host_* /etc/ssh/ && systemctl restart ssh",
    ]);
}
