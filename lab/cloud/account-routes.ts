import { list, page, text, unprocessable, type Handler, type Routes } from "./answers";
import { allImages, allRegions, allSizes } from "./catalogue";
import type { Cloud } from "./cloud";

interface Tagged {
    readonly resource_id: string;
    readonly resource_type: string;
}

/** The account itself, its catalogue, and tags. */
export function accountRoutes(cloud: Cloud): Routes {
    const tagged = (change: (tags: string[], tag: string) => string[]): Handler => {
        return async ({ params, body }) => {
            for (const { resource_id: id, resource_type: type } of list<Tagged>(body, "resources")) {
                const { droplets, volumes } = cloud.content;
                const all: { id: string | number; tags: string[] }[] = type === "volume" ? volumes : droplets;
                const resource = all.find((each) => String(each.id) === id);
                if (resource === undefined) {
                    throw unprocessable(`${type} ${id} does not exist`);
                }
                resource.tags = change(resource.tags, params.tag ?? "");
            }
            cloud.save();
            await Promise.all(cloud.content.droplets.map(({ id }) => cloud.attach(id)));
            return { status: 204 };
        };
    };
    return {
        "GET /v2/account": () => ({
            status: 200,
            body: {
                account: {
                    droplet_limit: 25,
                    floating_ip_limit: 5,
                    reserved_ip_limit: 5,
                    volume_limit: 100,
                    email: "lab@example.com",
                    email_verified: true,
                    uuid: "00000000-0000-0000-0000-000000000000",
                    status: "active",
                    status_message: "",
                },
            },
        }),
        "GET /v2/regions": (asked) => page("regions", allRegions(), asked, "/v2/regions"),
        "GET /v2/sizes": (asked) => page("sizes", allSizes(), asked, "/v2/sizes"),
        "GET /v2/images": (asked) => page("images", allImages(), asked, "/v2/images"),
        "POST /v2/tags": ({ body }) => {
            const name = text(body, "name");
            return { status: 201, body: { tag: { name, resources: { count: 0 } } } };
        },
        "POST /v2/tags/:tag/resources": tagged((tags, tag) => [...new Set([...tags, tag])]),
        "DELETE /v2/tags/:tag/resources": tagged((tags, tag) => tags.filter((each) => each !== tag)),
    };
}
