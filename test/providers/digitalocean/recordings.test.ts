import type { Source } from "../../../lab/cloud/cloud";
import { CloudStage } from "../support/cloud-stage";
import { conformance } from "../support/plugins";
import { replay } from "../support/replay";

/** Ids and times as the account of the recordings gave them. */
const RECORDED: Source = {
    now: () => "2026-11-23T00:00:00Z",
    uuid: (next) => String(next()),
    accessKey: (next) => ({ id: `AK${next()}`, secret: "SK" }),
};

conformance("digitalocean", "answers as recorded", (plugin) => {
    let stage: CloudStage;

    before(async () => {
        stage = await CloudStage.start(plugin, RECORDED);
    });

    after(() => stage?.stop());

    /** What happened to the account between the scenarios. */
    async function enter(scenario: string): Promise<void> {
        if (scenario === "08-preview-refresh-lost") {
            // The droplet alone: the account of the recordings did not care what else had to do with it.
            await stage.fail({ method: "GET", path: "^/v2/droplets/1003$", status: 404, count: 1000 });
        } else if (scenario === "10-up-again") {
            await stage.mend();
            const message = "unhandled PUT /v2/firewalls/1005";
            await stage.fail({ method: "PUT", path: "^/v2/firewalls/1005$", status: 404, message });
        }
    }

    replay(plugin, () => ({
        process: stage.process,
        words: [
            { recorded: "http://127.0.0.1:8123", here: stage.endpoint, why: "the API's address" },
            {
                recorded: "aa:bb:1001",
                here: stage.content.keys[0]?.fingerprint ?? "none yet",
                why: "the account of the recordings made fingerprints up",
            },
            {
                recorded: '"priceHourly":0.01,',
                here: '"priceHourly":0.01786,',
                why: "and rounded what an hour costs",
            },
        ],
        enter,
    }));
});
