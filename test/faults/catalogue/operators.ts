import * as assert from "node:assert/strict";
import { Stack } from "../../support/stack";
import type { Fault } from "./fault";

const ENV = "/opt/specivo/.env";

export const operators: readonly Fault[] = [
    ...(["backup", "rollout"] as const).map((step): Fault => ({
        name: `somebody else's pulumi up, from a state of their own, ${step}`,
        change: "migration",
        step,
        make: async (stage) => {
            const other = await Stack.create(`${stage.stack.name}-other`, stage.droplet);
            try {
                other.restoreConfig(stage.stack.config());
                const ended = await other.up();
                assert.ok(
                    ended.status === 0 ||
                        /(waiting for the operation|another operation is running).* by root from /.test(ended.output),
                    ended.output,
                );
            } finally {
                await other.remove();
            }
        },
        ends: "either",
    })),
    {
        name: ".env gets a line of an admin's, rehearsal",
        change: "migration",
        step: "rehearsal",
        make: (stage) => stage.on(`echo '# of an admin' >> ${ENV}`),
        // Still there; and gone again, as everything is to be as it was.
        after: (stage) => stage.on(`grep -qx '# of an admin' ${ENV} && sed -i '/^# of an admin$/d' ${ENV}`),
        ends: "well",
    },
    {
        name: ".env gets another SECRET_KEY, backup",
        change: "migration",
        step: "backup",
        make: (stage) =>
            stage.on(
                `cp ${ENV} /root/env; sed -i '/^SECRET_KEY=/d' ${ENV}; echo SECRET_KEY=${"x".repeat(40)} >> ${ENV}`,
            ),
        after: (stage) =>
            stage.on(`pin=$(grep ^SPECIVO_VERSION= ${ENV}); sed "s/^SPECIVO_VERSION=.*/$pin/" /root/env > ${ENV}`),
        ends: "failed",
        on: "from",
        says: /SECRET_KEY/,
    },
    {
        name: "another version's operations are installed, backup",
        change: "migration",
        step: "backup",
        make: (stage) =>
            stage.on(`set -e; toolkit=/var/lib/specivo-upgrade/toolkit; mkdir -p $toolkit/0000
                sed '1a # another version' "$(readlink -f /usr/local/sbin/specivo-host)" > $toolkit/0000/specivo-host
                chmod 700 $toolkit/0000/specivo-host; ln -sfn $toolkit/0000/specivo-host $toolkit/.new; mv -fT $toolkit/.new /usr/local/sbin/specivo-host`),
        ends: "well",
    },
];
