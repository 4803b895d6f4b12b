export interface ImageName {
    /** Empty for Docker Hub. */
    readonly registry: string;
    readonly repository: string;
    readonly tag: string;
}

/** Where an image lies: without a registry in its name at Docker Hub, without a tag at `latest`. */
export function parseImageName(name: string): ImageName {
    const slash = name.indexOf("/");
    const first = name.slice(0, Math.max(slash, 0));
    const named = name.split("/").length > 2 || /[.:]/.test(first) || first === "localhost";
    const registry = named ? first : "";
    const rest = named ? name.slice(slash + 1) : name;
    const colon = rest.indexOf(":");
    const tag = colon < 0 ? "latest" : rest.slice(colon + 1);
    const path = colon < 0 ? rest : rest.slice(0, colon);
    return {
        registry,
        repository: registry === "" && !path.includes("/") ? `library/${path}` : path,
        tag: tag.includes("@") ? tag.slice(tag.indexOf("@") + 1) : tag,
    };
}

/** What the engine is asked to pull: it looks for a registry in the name in a way of its own, and Docker Hub is one too. */
export function pullReference(name: string): { repository: string; tag: string } {
    const [tagged = "", digest] = name.split("@");
    const colon = tagged.lastIndexOf(":");
    // A colon before the last slash belongs to the registry's port.
    const hasTag = colon > tagged.lastIndexOf("/");
    const path = hasTag ? tagged.slice(0, colon) : tagged;
    const [first = ""] = path.split("/");
    const named = path.includes("/") && (/[.:]/.test(first) || first === "localhost");
    const repository = named ? path : `docker.io/${path.includes("/") ? path : `library/${path}`}`;
    return { repository, tag: digest ?? (hasTag ? tagged.slice(colon + 1) : "latest") };
}
