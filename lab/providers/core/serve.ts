import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { Plugin } from "./plugin";
import { EngineLog, silentLog } from "./log";
import { service } from "./service";

/** A whole folder may travel in one message; the engine allows as much. */
const MESSAGE_LIMIT = 400 * 1024 * 1024;

/** Serves a plugin the way the engine expects it: listen on loopback, print the port, serve until killed. */
export function serve(plugin: Plugin): void {
    const address = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
    const engine = address === undefined ? undefined : new EngineLog(address);
    const server = new grpc.Server({
        "grpc.max_receive_message_length": MESSAGE_LIMIT,
        "grpc.max_send_message_length": MESSAGE_LIMIT,
    });
    server.addService(
        ResourceProviderService,
        service(plugin, (urn) => engine?.forResource(urn) ?? silentLog),
    );
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
        if (error !== null) {
            process.stderr.write(`can't listen on loopback: ${error.message}\n`);
            process.exit(1);
        }
        process.stdout.write(`${port}\n`);
    });
    endWithParent();
}

/** An engine that was killed can't end its plugins, and nobody else would. */
function endWithParent(): void {
    const parent = process.ppid;
    setInterval(() => {
        if (process.ppid !== parent) {
            process.exit(1);
        }
    }, 1000).unref();
}
