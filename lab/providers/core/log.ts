import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** The engine's log, as seen by one operation on one resource. */
export interface Log {
    /** A line shown beside the resource while it is being worked on. */
    readonly status: (message: string) => void;
    readonly warn: (message: string) => void;
    readonly error: (message: string) => void;
    /** Resolves when the engine has got every line so far. */
    flush(): Promise<void>;
}

export class EngineLog {
    private readonly client: EngineClient;

    constructor(address: string) {
        this.client = new EngineClient(address, grpc.credentials.createInsecure());
    }

    /** Lines of one operation arrive in order: each is sent when the one before it has been taken. */
    forResource(urn: string): Log {
        let last = Promise.resolve();
        const send = (severity: LogRequest["getSeverity"] extends () => infer S ? S : never, ephemeral: boolean) => {
            return (message: string) => {
                const request = new LogRequest();
                request.setSeverity(severity);
                request.setMessage(message);
                request.setUrn(urn);
                request.setEphemeral(ephemeral);
                last = last.then(
                    () =>
                        new Promise((resolve) => {
                            // A log line the engine can't take is no reason to fail the work it tells of.
                            this.client.log(request, () => resolve());
                        }),
                );
            };
        };
        return {
            status: send(LogSeverity.INFO, true),
            warn: send(LogSeverity.WARNING, false),
            error: send(LogSeverity.ERROR, false),
            flush: () => last,
        };
    }
}

/** For a plugin started by hand, without an engine. */
export const silentLog: Log = {
    status: () => undefined,
    warn: () => undefined,
    error: () => undefined,
    flush: () => Promise.resolve(),
};
