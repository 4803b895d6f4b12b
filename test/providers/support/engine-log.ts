import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogSeverity, type LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

export interface LogLine {
    readonly severity: "DEBUG" | "INFO" | "WARNING" | "ERROR";
    readonly message: string;
    /** Resource it is about. */
    readonly urn: string;
    /** Shown only while the resource is being worked on. */
    readonly ephemeral: boolean;
}

const SEVERITIES = Object.fromEntries(Object.entries(LogSeverity).map(([name, value]) => [value, name])) as Record<
    number,
    LogLine["severity"]
>;

/** The part of the engine that plugins talk to. */
export class EngineLog {
    private constructor(
        private readonly server: grpc.Server,
        readonly address: string,
        readonly lines: LogLine[],
    ) {}

    static async start(): Promise<EngineLog> {
        const server = new grpc.Server();
        const lines: LogLine[] = [];
        server.addService(EngineService, {
            log: ({ request }: grpc.ServerUnaryCall<LogRequest, Empty>, done: grpc.sendUnaryData<Empty>) => {
                lines.push({
                    severity: SEVERITIES[request.getSeverity()] ?? "INFO",
                    message: request.getMessage(),
                    urn: request.getUrn(),
                    ephemeral: request.getEphemeral(),
                });
                done(null, new Empty());
            },
        });
        const port = await new Promise<number>((resolve, reject) => {
            server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
                error === null ? resolve(bound) : reject(error),
            );
        });
        return new EngineLog(server, `127.0.0.1:${port}`, lines);
    }

    stop(): void {
        this.server.forceShutdown();
    }
}
