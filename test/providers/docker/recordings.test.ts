import { DockerStage } from "../support/docker-stage";
import { conformance } from "../support/plugins";
import { replay } from "../support/replay";

conformance("docker", "answers as recorded", (plugin) => {
    let stage: DockerStage;

    before(async () => {
        stage = await DockerStage.start(plugin);
    });

    after(() => stage?.stop());

    replay(plugin, () => ({
        process: stage.process,
        words: [{ recorded: "REGISTRY", here: stage.registry.name, why: "the registry's address" }],
    }));
});
