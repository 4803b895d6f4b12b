import { explained } from "../core/errors";
import type { Resource } from "../core/plugin";
import { reveal, UNKNOWN, type Props } from "../core/values";
import { difference } from "./difference";
import { checked, inputsNow, inputsOf } from "./inputs";
import type { Schema } from "./schema";
import { isEmpty, planned, told } from "./state";

/** What a resource does with the account: the part of it that is its own. */
export interface Work {
    readonly schema: Schema;
    /** Makes it; its id, and what the account says of it. */
    create(inputs: Props): Promise<{ readonly id: string; readonly state: Props }>;
    /** What the account says of it; undefined when it is gone. `state` holds what was known. */
    read(id: string, state: Props): Promise<Props | undefined>;
    /** Only the inputs in `changed` are others. */
    update(id: string, inputs: Props, changed: readonly string[], state: Props): Promise<Props>;
    delete(id: string, state: Props): Promise<void>;
}

/** A resource of the digitalocean plugin, which is Terraform's provider behind a bridge and answers accordingly. */
export function bridged(work: Work): Resource {
    const { schema } = work;
    return {
        check: (inputs) => checked(schema, inputs),
        diff: (_, inputs, state) => difference(schema, plain(state), plain(inputs)),
        async create(inputs, preview) {
            const wanted = planned(schema.fields, plain(inputs));
            if (preview) {
                return { id: "", properties: told(schema, { ...wanted, id: UNKNOWN }, {}, noted(schema, inputs)) };
            }
            const { id, state } = await inContext("", () => work.create(plain(inputs)));
            return { id, properties: told(schema, { ...settled(wanted, state), id }, {}) };
        },
        async update(old, inputs, preview, { urn }) {
            const before = plain(old);
            const { changed } = difference(schema, before, plain(inputs));
            const wanted = { ...without(before), ...pick(planned(schema.fields, plain(inputs)), changed) };
            if (preview) {
                const notes = noted(schema, pick(inputs, changed));
                return told(schema, wanted, {}, notes);
            }
            const state = await inContext(`updating ${urn}: `, () =>
                work.update(String(before.id), plain(inputs), changed, before),
            );
            return told(schema, settled(wanted, state), {});
        },
        async delete(properties, { urn }) {
            const state = plain(properties);
            await inContext(`deleting ${urn}: `, () => work.delete(String(state.id), state));
        },
        async read({ id, properties, inputs }, { urn }) {
            const before = plain(properties);
            const now = await inContext(`refreshing ${urn}: `, () => work.read(id, before));
            if (now === undefined) {
                return undefined;
            }
            const isImport = Object.keys(inputs).length === 0;
            const known = isImport ? { ...planned(schema.fields, schema.defaults), ...before } : before;
            const state = { ...without(known), ...now, id };
            const meta = "__meta" in properties ? { __meta: properties.__meta } : {};
            return {
                id,
                properties: told({ ...schema, timeouts: undefined }, state, meta),
                inputs: isImport ? inputsOf(schema.fields, state) : inputsNow(schema.fields, plain(inputs), state),
            };
        },
    };
}

async function inContext<T>(prefix: string, work: () => Promise<T>): Promise<T> {
    try {
        return await work();
    } catch (error) {
        throw explained(`${prefix}1 error occurred:\n\t* `, error, "\n\n");
    }
}

function plain(props: Props | undefined): Props {
    return reveal(props ?? {}) as Props;
}

function without(props: Props): Props {
    return Object.fromEntries(Object.entries(props).filter(([key]) => !key.startsWith("__")));
}

function pick(props: Props, names: readonly string[]): Props {
    return Object.fromEntries(names.filter((name) => name in props).map((name) => [name, props[name]]));
}

/** What the account says, in place of what was only planned; an empty list that nobody asked for is none. */
function settled(wanted: Props, state: Props): Props {
    const said = Object.entries(state).filter(([name, value]) => !(isEmpty(value) && wanted[name] === null));
    return { ...without(wanted), ...Object.fromEntries<unknown>(said) };
}

function noted(schema: Schema, inputs: Props): Props {
    const notes = Object.entries(schema.noted).filter(([name]) => !isEmpty(inputs[name]));
    return Object.fromEntries(notes.map(([name, framework]) => [framework, inputs[name]]));
}
