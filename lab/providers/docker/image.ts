import { explained } from "../core/errors";
import type { CheckFailure, Resource } from "../core/plugin";
import { hasValue, reveal, type Props } from "../core/values";
import type { DockerClient, Engine, FoundImage } from "./engine";
import { diffImages } from "./image-diff";
import { previewState, previewUpdate, readState, SETTINGS, state, updatedState } from "./image-state";
import { parseImageName, pullReference } from "./names";

interface ImageInputs {
    readonly name: string;
    readonly platform?: string;
    readonly keepLocally?: boolean;
    readonly forceRemove?: boolean;
}

export function remoteImage(client: () => DockerClient): Resource {
    /** Runs one operation; what goes wrong is told as the original's framework tells it. */
    async function working<T>(prefix: string, what: string, work: (engine: Engine) => Promise<T>): Promise<T> {
        try {
            return await client().use(async (engine) => {
                try {
                    return await work(engine);
                } catch (error) {
                    throw explained(`${what}: `, error);
                }
            });
        } catch (error) {
            throw explained(`${prefix}1 error occurred:\n\t* `, error, "\n\n");
        }
    }

    const pulled = (inputs: Props, prefix = "") =>
        working(prefix, "Unable to read Docker image into resource", (engine) => present(engine, client(), inputs));

    return {
        check: (inputs) => ({ inputs: { __defaults: [], ...inputs }, failures: failures(inputs) }),
        diff: diffImages,
        async create(inputs, preview) {
            if (preview) {
                return { id: "", properties: previewState(inputs) };
            }
            return state(inputs, await pulled(inputs));
        },
        async update(old, inputs, preview, { urn }) {
            return preview
                ? previewUpdate(old, inputs)
                : updatedState(old, inputs, await pulled(inputs, `updating ${urn}: `));
        },
        async delete(properties, { urn }) {
            const { name, keepLocally, forceRemove } = reveal(properties) as ImageInputs;
            await working(`deleting ${urn}: `, "Unable to remove Docker image", async (engine) => {
                if (keepLocally !== true && (await engine.find(name)) !== undefined) {
                    await engine.remove(name, forceRemove === true);
                }
            });
        },
        async read({ properties, inputs }, { urn }) {
            const { name } = reveal(properties) as ImageInputs;
            const image = await working(`refreshing ${urn}: `, "Error reading docker image list", (engine) =>
                engine.find(name),
            );
            return image === undefined ? undefined : { inputs, ...readState(properties, image) };
        },
    };
}

function failures(inputs: Props): CheckFailure[] {
    const found: CheckFailure[] = [];
    if (!hasValue(inputs.name)) {
        const missing = 'Missing required argument. The argument "name" is required, but no definition was found.';
        found.push({ property: "", reason: `${missing}. Examine values at 'image.name'.` });
    }
    for (const key of Object.keys(inputs).filter((each) => !SETTINGS.includes(each) && !each.startsWith("__"))) {
        found.push({ property: "", reason: `Invalid or unknown key. Examine values at 'image.${key}'.` });
    }
    for (const property of ["build", "pullTriggers"].filter((each) => hasValue(inputs[each]))) {
        found.push({ property, reason: "not supported by this stand-in of the docker plugin" });
    }
    return found;
}

/** The image on the server, pulled only when no image of that name is there. */
async function present(engine: Engine, { config }: DockerClient, inputs: Props): Promise<FoundImage> {
    const { name, platform } = reveal(inputs) as ImageInputs;
    const found = await engine.find(name);
    if (found !== undefined) {
        return found;
    }
    const { repository, tag } = pullReference(name);
    const auth = config.registries[parseImageName(name).registry];
    await engine.pull(repository, tag, platform, auth).catch((error: unknown) => {
        throw explained(`unable to pull image ${name}: error pulling image ${name}: `, error);
    });
    const image = await engine.find(name);
    if (image === undefined) {
        throw new Error(`unable to find or pull image ${name}`);
    }
    return image;
}
