import { setMaxListeners } from "node:events";
import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { messageOf } from "./errors";
import type { Log } from "./log";
import type { Context, Plugin, Resource } from "./plugin";
import { reveal, type Props } from "./values";

type Handler<Q, A> = (request: Q) => Promise<A>;

function props(struct: Struct | undefined): Props {
    return struct?.toJavaScript() ?? {};
}

function struct(values: Props): Struct {
    const defined = Object.entries(values).filter(([, value]) => value !== undefined);
    return Struct.fromJavaScript(Object.fromEntries(defined) as Record<string, JavaScriptValue>);
}

function unary<Q, A>(handler: Handler<Q, A>): grpc.handleUnaryCall<Q, A> {
    return (call, callback) => {
        handler(call.request).then(
            (answer) => callback(null, answer),
            (error: unknown) => {
                const details = messageOf(error);
                callback({ code: grpc.status.UNKNOWN, details, message: details });
            },
        );
    };
}

/** The engine's calls, translated for a plugin: protocol here, meaning there. */
export function service(plugin: Plugin, logFor: (urn: string) => Log): grpc.UntypedServiceImplementation {
    const cancelling = new AbortController();
    // As many operations may listen for it as the engine runs side by side.
    setMaxListeners(0, cancelling.signal);

    function resourceOf(urn: string): Resource {
        const type = typeOf(urn);
        const resource = plugin.resources[type];
        if (resource === undefined) {
            throw new Error(`resource type ${type} is not known to this plugin`);
        }
        return resource;
    }

    /** Runs one operation, and answers only when the engine has seen all it logged. */
    async function run<A>(urn: string, work: (resource: Resource, context: Context) => Promise<A>): Promise<A> {
        const log = logFor(urn);
        const name = urn.split("::").slice(3).join("::");
        try {
            return await work(resourceOf(urn), { urn, type: typeOf(urn), name, log, cancelled: cancelling.signal });
        } finally {
            await log.flush();
        }
    }

    return {
        getPluginInfo: unary(async () => new PluginInfo().setVersion(plugin.version)),
        checkConfig: unary(async (request: pb.CheckRequest) => new pb.CheckResponse().setInputs(request.getNews())),
        diffConfig: unary(async () => new pb.DiffResponse()),
        configure: unary(async (request: pb.ConfigureRequest) => {
            await plugin.configure(reveal(props(request.getArgs())) as Props);
            return new pb.ConfigureResponse().setAcceptsecrets(plugin.acceptsSecrets).setSupportspreview(true);
        }),
        cancel: unary(async () => {
            cancelling.abort();
            return new Empty();
        }),
        invoke: unary(async (request: pb.InvokeRequest) => {
            const token = request.getTok();
            const call = plugin.functions[token];
            if (call === undefined) {
                throw new Error(`function ${token} is not known to this plugin`);
            }
            const log = logFor("");
            const context = { urn: "", type: token, name: "", log, cancelled: cancelling.signal };
            const answer = await call(reveal(props(request.getArgs())) as Props, context).finally(() => log.flush());
            return new pb.InvokeResponse().setReturn(struct(answer));
        }),
        check: unary(async (request: pb.CheckRequest) => {
            const checked = resourceOf(request.getUrn()).check(props(request.getNews()));
            const failures = (checked.failures ?? []).map(({ property, reason }) =>
                new pb.CheckFailure().setProperty(property).setReason(reason),
            );
            return new pb.CheckResponse().setInputs(struct(checked.inputs)).setFailuresList(failures);
        }),
        diff: unary(async (request: pb.DiffRequest) => diffAnswer(resourceOf(request.getUrn()), request)),
        create: unary((request: pb.CreateRequest) =>
            run(request.getUrn(), async (resource, context) => {
                const made = await resource.create(props(request.getProperties()), request.getPreview(), context);
                return new pb.CreateResponse().setId(made.id).setProperties(struct(made.properties));
            }),
        ),
        update: unary((request: pb.UpdateRequest) =>
            run(request.getUrn(), async (resource, context) => {
                const old = props(request.getOlds());
                const inputs = ignoring(request, old);
                const properties = await resource.update(old, inputs, request.getPreview(), context);
                return new pb.UpdateResponse().setProperties(struct(properties));
            }),
        ),
        delete: unary((request: pb.DeleteRequest) =>
            run(request.getUrn(), async (resource, context) => {
                await resource.delete(props(request.getProperties()), context);
                return new Empty();
            }),
        ),
        read: unary((request: pb.ReadRequest) =>
            run(request.getUrn(), async (resource, context) => {
                const state = { id: request.getId(), properties: props(request.getProperties()) };
                const found = await resource.read({ ...state, inputs: props(request.getInputs()) }, context);
                const answer = new pb.ReadResponse();
                return found === undefined
                    ? answer
                    : answer.setId(found.id).setProperties(struct(found.properties)).setInputs(struct(found.inputs));
            }),
        ),
    };
}

function typeOf(urn: string): string {
    return urn.split("::")[2]?.split("$").pop() ?? "";
}

/** Inputs whose changes are to be ignored are as they were; outputs may be others, such as a hash of them. */
function ignoring(request: pb.DiffRequest | pb.UpdateRequest, state: Props): Props {
    const old = request.hasOldInputs() ? props(request.getOldInputs()) : state;
    const inputs = props(request.getNews());
    for (const path of request.getIgnorechangesList()) {
        if (path in old) {
            inputs[path] = old[path];
        } else {
            delete inputs[path];
        }
    }
    return inputs;
}

function diffAnswer(resource: Resource, request: pb.DiffRequest): pb.DiffResponse {
    const old = props(request.getOlds());
    const found = resource.diff(props(request.getOldInputs()), ignoring(request, old), old);
    const answer = new pb.DiffResponse();
    const some = found.changed.length > 0;
    answer.setChanges(some ? pb.DiffResponse.DiffChanges.DIFF_SOME : pb.DiffResponse.DiffChanges.DIFF_NONE);
    answer.setDiffsList(found.changed);
    answer.setReplacesList(found.replaces);
    answer.setStablesList(found.stables ?? []);
    answer.setHasdetaileddiff(true);
    answer.setDeletebeforereplace(found.deleteBeforeReplace ?? false);
    for (const [path, kind] of Object.entries(found.detailed)) {
        answer.getDetaileddiffMap().set(path, new pb.PropertyDiff().setKind(pb.PropertyDiff.Kind[kind]));
    }
    return answer;
}
