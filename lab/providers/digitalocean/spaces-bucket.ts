import { createHash } from "node:crypto";
import type { Props } from "../core/values";
import type { Work } from "./bridged";
import { doing } from "./doing";
import { block, blocks, computed, given, list, otherwise, schema } from "./schema";
import { elements, Spaces, SpacesFailure, tag } from "./spaces";
import { unique } from "./unique";

const SCHEMA = schema(
    "spacesBucket:SpacesBucket",
    {
        acl: given,
        bucketDomainName: computed,
        bucketUrn: computed,
        corsRules: blocks(
            { allowedHeaders: list, allowedMethods: list, allowedOrigins: list, maxAgeSeconds: given },
            [],
        ),
        endpoint: computed,
        forceDestroy: otherwise(false),
        lifecycleRules: blocks(
            {
                abortIncompleteMultipartUploadDays: given,
                enabled: given,
                expiration: block({ date: given, days: given, expiredObjectDeleteMarker: given }),
                id: { ...computed, input: true },
                noncurrentVersionExpiration: block({ days: given }),
                prefix: given,
            },
            [],
        ),
        name: given,
        region: given,
        versioning: block({ enabled: given }),
    },
    {
        required: ["name", "region"],
        forcesReplacement: ["region"],
        renamed: { bucketUrn: "urn", corsRules: "cors_rule", lifecycleRules: "lifecycle_rule" },
    },
);

export function spacesBucket(spaces: () => Spaces): Work {
    const put = async (inputs: Props, changed: readonly string[]) => {
        const name = inputs.name as string;
        if (changed.includes("versioning")) {
            const enabled = (inputs.versioning as Props | undefined)?.enabled === true;
            const status = `<Status>${enabled ? "Enabled" : "Suspended"}</Status>`;
            await spaces().request("PUT", name, "versioning", root("VersioningConfiguration", status));
        }
        if (changed.includes("lifecycleRules")) {
            const rules = (inputs.lifecycleRules ?? []) as Props[];
            const body = root("LifecycleConfiguration", rules.map(ruleXml).join(""));
            const md5 = createHash("md5").update(body).digest("base64");
            await (rules.length === 0
                ? spaces().request("DELETE", name, "lifecycle")
                : spaces().request("PUT", name, "lifecycle", body, { "content-md5": md5 }));
        }
    };

    const state = async (name: string, region: unknown): Promise<Props | undefined> => {
        try {
            await spaces().request("HEAD", name);
        } catch (error) {
            if (error instanceof SpacesFailure && error.status === 404) {
                return undefined;
            }
            throw error;
        }
        const location = tag(await spaces().request("GET", name, "location"), "LocationConstraint");
        const place = location === undefined || location === "" ? String(region) : location;
        const versioning = tag(await spaces().request("GET", name, "versioning"), "Status");
        return {
            bucketDomainName: `${name}.${place}.digitaloceanspaces.com`,
            bucketUrn: `do:space:${name}`,
            endpoint: `${place}.digitaloceanspaces.com`,
            lifecycleRules: await lifecycle(name),
            region: place,
            versioning: { enabled: versioning === "Enabled" },
        };
    };

    const lifecycle = async (name: string): Promise<Props[]> => {
        try {
            return elements(await spaces().request("GET", name, "lifecycle"), "Rule").map(ruleState);
        } catch (error) {
            if (error instanceof SpacesFailure && error.code === "NoSuchLifecycleConfiguration") {
                return [];
            }
            throw error;
        }
    };

    return {
        schema: SCHEMA,
        async create(inputs) {
            if ((inputs.corsRules as unknown[] | undefined)?.length) {
                throw new Error("corsRules: not supported by this stand-in of the digitalocean plugin");
            }
            const name = inputs.name as string;
            const acl = { "x-amz-acl": (inputs.acl as string | undefined) ?? "private" };
            await doing("Error creating Spaces bucket: ", () => spaces().request("PUT", name, "", "", acl));
            const given = ["versioning", "lifecycleRules"].filter((each) => inputs[each] !== undefined);
            await put(inputs, given);
            return { id: name, state: (await state(name, inputs.region)) ?? {} };
        },
        read: (id, before) =>
            doing(`error reading Spaces bucket "${id}": `, async () => {
                const now = await state(id, before.region);
                return now === undefined ? undefined : { ...now, name: id };
            }),
        async update(id, inputs, changed) {
            await put(inputs, changed);
            return (await state(id, inputs.region)) ?? {};
        },
        async delete(id) {
            await doing("Error deleting Spaces Bucket: ", () => spaces().request("DELETE", id));
        },
    };
}

function root(name: string, inner: string): string {
    return `<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${name}>`;
}

function ruleXml(rule: Props): string {
    const days = (name: string, inner: string, value: unknown) =>
        value === undefined || value === null || value === 0
            ? ""
            : `<${name}><${inner}>${JSON.stringify(value)}</${inner}></${name}>`;
    const { expiration, noncurrentVersionExpiration: noncurrent } = rule as Record<string, Props | undefined>;
    const id = (rule.id as string | undefined) ?? unique("tf-s3-lifecycle-");
    return [
        `<Rule><ID>${id}</ID><Filter><Prefix>${(rule.prefix as string | undefined) ?? ""}</Prefix></Filter>`,
        `<Status>${rule.enabled === true ? "Enabled" : "Disabled"}</Status>`,
        days("AbortIncompleteMultipartUpload", "DaysAfterInitiation", rule.abortIncompleteMultipartUploadDays),
        days("Expiration", "Days", expiration?.days),
        days("NoncurrentVersionExpiration", "NoncurrentDays", noncurrent?.days),
        "</Rule>",
    ].join("");
}

function ruleState(xml: string): Props {
    const days = (name: string, inner: string) => {
        const [found] = elements(xml, name);
        return found === undefined ? null : { days: Number(tag(found, inner)) };
    };
    const abort = days("AbortIncompleteMultipartUpload", "DaysAfterInitiation");
    return {
        abortIncompleteMultipartUploadDays: abort?.days ?? 0,
        enabled: tag(xml, "Status") === "Enabled",
        expiration: days("Expiration", "Days"),
        id: tag(xml, "ID"),
        noncurrentVersionExpiration: days("NoncurrentVersionExpiration", "NoncurrentDays"),
        prefix: tag(xml, "Prefix"),
    };
}
