import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

export type Json = Record<string, unknown>;

/** What a plugin answered: a response in the form of the recordings, or the text of the error. */
export interface Answer {
    readonly response: Json | null;
    readonly error?: string;
}

const MAIN = path.join(__dirname, "../../lab/providers");

/** A stand-in plugin running as the engine runs it: a process of its own, spoken to over gRPC. */
export class PluginProcess {
    private constructor(
        private readonly child: ChildProcess,
        private readonly engine: grpc.Server,
        private readonly client: ResourceProviderClient,
        /** All lines sent to the engine's log so far. */
        readonly logged: string[],
    ) {}

    static async start(name: "command" | "docker", env: NodeJS.ProcessEnv = {}): Promise<PluginProcess> {
        const engine = new grpc.Server();
        const logged: string[] = [];
        engine.addService(EngineService, {
            log: (call: grpc.ServerUnaryCall<LogRequest, Empty>, done: grpc.sendUnaryData<Empty>) => {
                logged.push(call.request.getMessage());
                done(null, new Empty());
            },
        });
        const enginePort = await new Promise<number>((resolve, reject) => {
            engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
                error === null ? resolve(port) : reject(error),
            );
        });
        const main = path.join(MAIN, name, "main.ts");
        const child = spawn(
            process.execPath,
            ["-r", "ts-node/register/transpile-only", main, `127.0.0.1:${enginePort}`],
            { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] },
        );
        const died = once(child, "exit").then(([code, signal]) => {
            throw new Error(`the ${name} plugin ended before it served: ${code ?? signal}`);
        });
        const [printed] = await Promise.race([once(child.stdout, "data") as Promise<[Buffer]>, died]).catch((error) => {
            engine.forceShutdown();
            throw error;
        });
        const address = `127.0.0.1:${printed.toString().trim()}`;
        const client = new ResourceProviderClient(address, grpc.credentials.createInsecure());
        return new PluginProcess(child, engine, client, logged);
    }

    async stop(): Promise<void> {
        this.client.close();
        this.engine.forceShutdown();
        this.child.kill();
        if (this.child.exitCode === null && this.child.signalCode === null) {
            await once(this.child, "exit");
        }
    }

    configure(settings: Json): Promise<Answer> {
        return this.call("Configure", { args: settings });
    }

    cancel(): Promise<unknown> {
        return ask(
            (done) => this.client.cancel(new Empty(), done),
            () => ({}),
        );
    }

    async call(verb: string, request: Json): Promise<Answer> {
        try {
            return { response: await this.send(verb, request) };
        } catch (error) {
            const { code, details } = error as grpc.ServiceError;
            return { response: null, error: `rpc error: code = ${pascal(grpc.status[code])} desc = ${details}` };
        }
    }

    private send(verb: string, r: Json): Promise<Json> {
        switch (verb) {
            case "Configure":
                return ask(
                    (done) => this.client.configure(new pb.ConfigureRequest().setArgs(struct(r.args)), done),
                    () => ({}),
                );
            case "Invoke": {
                const request = new pb.InvokeRequest().setTok(r.tok as string).setArgs(struct(r.args));
                return ask(
                    (done) => this.client.invoke(request, done),
                    (answer: pb.InvokeResponse) => ({ return: plain(answer.getReturn()) }),
                );
            }
            case "Check": {
                const request = new pb.CheckRequest()
                    .setUrn(r.urn as string)
                    .setOlds(struct(r.olds))
                    .setNews(struct(r.news));
                return ask((done) => this.client.check(request, done), checkJson);
            }
            case "Diff": {
                const request = new pb.DiffRequest().setUrn(r.urn as string).setId(r.id as string);
                request.setOlds(struct(r.olds)).setNews(struct(r.news)).setOldInputs(struct(r.oldInputs));
                return ask((done) => this.client.diff(request, done), diffJson);
            }
            case "Create": {
                const request = new pb.CreateRequest().setUrn(r.urn as string).setProperties(struct(r.properties));
                return ask(
                    (done) => this.client.create(request.setPreview(r.preview === true), done),
                    (answer: pb.CreateResponse) => ({
                        ...id(answer.getId()),
                        properties: plain(answer.getProperties()),
                    }),
                );
            }
            case "Update": {
                const request = new pb.UpdateRequest().setUrn(r.urn as string).setId(r.id as string);
                request
                    .setOlds(struct(r.olds))
                    .setNews(struct(r.news))
                    .setPreview(r.preview === true);
                return ask(
                    (done) => this.client.update(request, done),
                    (answer: pb.UpdateResponse) => ({ properties: plain(answer.getProperties()) }),
                );
            }
            case "Read": {
                const request = new pb.ReadRequest().setUrn(r.urn as string).setId(r.id as string);
                request.setInputs(struct(r.inputs)).setProperties(struct(r.properties));
                return ask(
                    (done) => this.client.read(request, done),
                    (answer: pb.ReadResponse) => ({
                        ...id(answer.getId()),
                        inputs: plain(answer.getInputs()),
                        properties: plain(answer.getProperties()),
                    }),
                );
            }
            case "Delete": {
                const request = new pb.DeleteRequest().setUrn(r.urn as string).setId(r.id as string);
                return ask(
                    (done) => this.client.delete(request.setProperties(struct(r.properties)), done),
                    () => ({}),
                );
            }
            default:
                throw new Error(`no such call: ${verb}`);
        }
    }
}

function ask<A>(
    send: (done: (error: grpc.ServiceError | null, answer: A) => void) => unknown,
    json: (answer: A) => Json,
): Promise<Json> {
    return new Promise((resolve, reject) => {
        send((error, answer) => (error === null ? resolve(json(answer)) : reject(error)));
    });
}

function struct(values: unknown): Struct {
    return Struct.fromJavaScript((values ?? {}) as Record<string, JavaScriptValue>);
}

function plain(values: Struct | undefined): Json {
    return values?.toJavaScript() ?? {};
}

function id(value: string): Json {
    return value === "" ? {} : { id: value };
}

function checkJson(answer: pb.CheckResponse): Json {
    const failures = answer.getFailuresList().map((failure) => failure.toObject());
    return { inputs: plain(answer.getInputs()), ...(failures.length > 0 ? { failures } : {}) };
}

function nameIn(values: Record<string, number>, wanted: number): string {
    return Object.entries(values).find(([, value]) => value === wanted)?.[0] ?? String(wanted);
}

/** Empty lists and first values of an enumeration are left out, as in the recordings; lists without an order are sorted. */
function diffJson(answer: pb.DiffResponse): Json {
    const lists = {
        diffs: answer.getDiffsList().sort(),
        replaces: answer.getReplacesList().sort(),
        stables: answer.getStablesList().sort(),
    };
    const kinds = pb.PropertyDiff.Kind as unknown as Record<string, number>;
    const detailed: Record<string, Json> = {};
    answer.getDetaileddiffMap().forEach((value, key) => {
        const kind: number = value.getKind();
        detailed[key] = kind === 0 ? {} : { kind: nameIn(kinds, kind) };
    });
    return {
        changes: nameIn(pb.DiffResponse.DiffChanges as unknown as Record<string, number>, answer.getChanges()),
        hasDetailedDiff: answer.getHasdetaileddiff(),
        ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
        ...(Object.keys(detailed).length > 0 ? { detailedDiff: detailed } : {}),
    };
}

function pascal(name: string): string {
    return name.charAt(0) + name.slice(1).toLowerCase();
}
