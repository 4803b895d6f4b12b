import type { Props } from "../core/values";
import type { Api } from "./api";

/** Takes away the tags that are not wanted any more, and puts on those that are new. */
export async function setTags(api: Api, resource: Props, before: unknown, after: unknown): Promise<void> {
    const [old, wanted] = [before, after].map((tags) => (tags ?? []) as string[]) as [string[], string[]];
    for (const tag of old.filter((each) => !wanted.includes(each))) {
        await api.delete(`/v2/tags/${tag}/resources`, { resources: [resource] });
    }
    for (const tag of wanted.filter((each) => !old.includes(each))) {
        await api.post("/v2/tags", { name: tag });
        await api.post(`/v2/tags/${tag}/resources`, { resources: [resource] });
    }
}
