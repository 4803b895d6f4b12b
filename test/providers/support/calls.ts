import type * as grpc from "@grpc/grpc-js";
import type { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import type { Message } from "google-protobuf";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

/** The engine's calls between JSON, as the recordings have them, and the messages of the plugin protocol. */
export type Json = Record<string, unknown>;

type Done<A> = (error: grpc.ServiceError | null, answer: A) => void;

interface Call {
    readonly request: () => Message;
    readonly send: (client: ResourceProviderClient, request: Message, done: Done<Message>) => unknown;
    readonly json: (answer: Message) => Json;
}

function call<Q extends Message, A extends Message>(
    request: new () => Q,
    send: (client: ResourceProviderClient, request: Q, done: Done<A>) => unknown,
    json: (answer: A) => Json,
): Call {
    return {
        request: () => new request(),
        send: (client, message, done) => send(client, message as Q, done),
        json: (answer) => json(answer as A),
    };
}

const CALLS: Record<string, Call> = {
    Handshake: call(
        pb.ProviderHandshakeRequest,
        (client, request, done: Done<pb.ProviderHandshakeResponse>) => client.handshake(request, done),
        (answer) => answer.toObject(),
    ),
    CheckConfig: call(
        pb.CheckRequest,
        (client, request, done: Done<pb.CheckResponse>) => client.checkConfig(request, done),
        checkJson,
    ),
    Configure: call(
        pb.ConfigureRequest,
        (client, request, done: Done<pb.ConfigureResponse>) => client.configure(request, done),
        (answer) => answer.toObject(),
    ),
    Invoke: call(
        pb.InvokeRequest,
        (client, request, done: Done<pb.InvokeResponse>) => client.invoke(request, done),
        (answer) => ({ ...values("return", answer.getReturn()), ...failures(answer) }),
    ),
    Check: call(
        pb.CheckRequest,
        (client, request, done: Done<pb.CheckResponse>) => client.check(request, done),
        checkJson,
    ),
    Diff: call(pb.DiffRequest, (client, request, done: Done<pb.DiffResponse>) => client.diff(request, done), diffJson),
    Create: call(
        pb.CreateRequest,
        (client, request, done: Done<pb.CreateResponse>) => client.create(request, done),
        (answer) => given({ id: answer.getId(), ...values("properties", answer.getProperties()), ...again(answer) }),
    ),
    Update: call(
        pb.UpdateRequest,
        (client, request, done: Done<pb.UpdateResponse>) => client.update(request, done),
        (answer) => given({ ...values("properties", answer.getProperties()), ...again(answer) }),
    ),
    Read: call(
        pb.ReadRequest,
        (client, request, done: Done<pb.ReadResponse>) => client.read(request, done),
        (answer) =>
            given({
                id: answer.getId(),
                ...values("inputs", answer.getInputs()),
                ...values("properties", answer.getProperties()),
                ...again(answer),
            }),
    ),
    Delete: call(
        pb.DeleteRequest,
        (client, request, done) => client.delete(request, done),
        () => ({}),
    ),
};

/** Sends one call; a field that the message does not have is refused rather than left out. */
export function send(client: ResourceProviderClient, verb: string, fields: Json): Promise<Json> {
    const known = CALLS[verb];
    if (known === undefined) {
        throw new Error(`no such call: ${verb}`);
    }
    const request = known.request();
    for (const [field, value] of Object.entries(fields)) {
        set(request, field, value);
    }
    return new Promise((resolve, reject) => {
        known.send(client, request, (error, answer) => (error === null ? resolve(known.json(answer)) : reject(error)));
    });
}

/** Fields whose setters are not named as the recordings name the field. */
const SETTERS: Record<string, string> = {
    randomSeed: "setRandomseed",
    ignoreChanges: "setIgnorechangesList",
    acceptSecrets: "setAcceptsecrets",
    acceptResources: "setAcceptresources",
};

function set(request: Message, field: string, value: unknown): void {
    const message = request as unknown as Record<string, ((value: unknown) => void) | undefined> & {
        getVariablesMap?: () => Map<string, string>;
    };
    if (field === "variables") {
        for (const [key, text] of Object.entries(value as Record<string, string>)) {
            message.getVariablesMap?.().set(key, text);
        }
        return;
    }
    const setter = SETTERS[field] ?? `set${field.charAt(0).toUpperCase()}${field.slice(1)}`;
    if (message[setter] === undefined) {
        throw new Error(`the call has no field ${field}`);
    }
    const isStruct = typeof value === "object" && value !== null && !Array.isArray(value);
    message[setter](isStruct ? Struct.fromJavaScript(value as Record<string, JavaScriptValue>) : value);
}

/** Without what is empty, as in the recordings. */
function given(json: Json): Json {
    const empty = (value: unknown) =>
        value === "" || value === false || value === undefined || (Array.isArray(value) && value.length === 0);
    return Object.fromEntries(Object.entries(json).filter(([, value]) => !empty(value)));
}

function values(field: string, struct: Struct | undefined): Json {
    return struct === undefined ? {} : { [field]: struct.toJavaScript() };
}

function failures(answer: { getFailuresList(): pb.CheckFailure[] }): Json {
    return given({ failures: answer.getFailuresList().map((failure) => failure.toObject()) });
}

function again(answer: { getRefreshBeforeUpdate(): boolean }): Json {
    return { refreshBeforeUpdate: answer.getRefreshBeforeUpdate() };
}

function checkJson(answer: pb.CheckResponse): Json {
    return { ...values("inputs", answer.getInputs()), ...failures(answer) };
}

function nameIn(enumeration: object, wanted: number): string {
    const found = Object.entries(enumeration).find(([, value]) => value === wanted);
    return found?.[0] ?? String(wanted);
}

function diffJson(answer: pb.DiffResponse): Json {
    const detailedDiff: Record<string, Json> = {};
    answer.getDetaileddiffMap().forEach((value, key) => {
        // The first value of an enumeration is left out, as in the recordings.
        const kind = nameIn(pb.PropertyDiff.Kind, value.getKind());
        detailedDiff[key] = given({ kind: kind === "ADD" ? "" : kind, inputDiff: value.getInputdiff() });
    });
    return given({
        changes: nameIn(pb.DiffResponse.DiffChanges, answer.getChanges()),
        hasDetailedDiff: answer.getHasdetaileddiff(),
        deleteBeforeReplace: answer.getDeletebeforereplace(),
        diffs: answer.getDiffsList(),
        replaces: answer.getReplacesList(),
        stables: answer.getStablesList(),
        detailedDiff: Object.keys(detailedDiff).length > 0 ? detailedDiff : undefined,
    });
}
