import type { Action } from "./account";
import { found, page, type Answer, type Routes } from "./answers";
import { regionView } from "./catalogue";
import type { Cloud } from "./cloud";

export function actionView({ id, type, resource, subject, started, region, status, completed }: Action): object {
    return {
        id,
        status,
        type,
        started_at: started,
        completed_at: completed,
        // A number for all things, also for addresses, which have none.
        resource_id: Number.isInteger(Number(subject)) ? Number(subject) : id,
        resource_type: resource === "volume" ? "backend" : resource,
        region: regionView(region),
        region_slug: region,
    };
}

export function begun(action: Action): Answer {
    return { status: 201, body: { action: actionView(action) } };
}

/** Actions as such, and those of each thing under its own path. */
export function actionRoutes(cloud: Cloud): Routes {
    const of = (resource: Action["resource"], subject: string) =>
        cloud.content.actions.filter((action) => action.resource === resource && action.subject === subject).reverse();
    const one = (actions: Action[], id: string | undefined): Answer => {
        const action = found(actions.find((each) => String(each.id) === id));
        return { status: 200, body: { action: actionView(action) } };
    };
    const under = (base: string, resource: Action["resource"]): Routes => ({
        [`GET ${base}/:subject/actions`]: (asked) => {
            const subject = asked.params.subject ?? "";
            return page("actions", of(resource, subject).map(actionView), asked, `${base}/${subject}/actions`);
        },
        [`GET ${base}/:subject/actions/:id`]: ({ params }) => one(of(resource, params.subject ?? ""), params.id),
    });
    return {
        "GET /v2/actions": (asked) =>
            page("actions", [...cloud.content.actions].reverse().map(actionView), asked, "/v2/actions"),
        "GET /v2/actions/:id": ({ params }) => one(cloud.content.actions, params.id),
        ...under("/v2/droplets", "droplet"),
        ...under("/v2/reserved_ips", "reserved_ip"),
        ...under("/v2/volumes", "volume"),
    };
}
