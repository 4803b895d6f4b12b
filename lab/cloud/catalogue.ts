import { unprocessable } from "./answers";

/** The part of the catalogue that the lab can stand for. Memory in MB, disk in GB, prices in dollars. */
interface Size {
    readonly vcpus: number;
    readonly memory: number;
    readonly disk: number;
    readonly hourly: number;
    readonly monthly: number;
}

const SIZES: Readonly<Record<string, Size>> = {
    "s-1vcpu-512mb-10gb": { vcpus: 1, memory: 512, disk: 10, hourly: 0.00595, monthly: 4 },
    "s-1vcpu-1gb": { vcpus: 1, memory: 1024, disk: 25, hourly: 0.00893, monthly: 6 },
    "s-1vcpu-2gb": { vcpus: 1, memory: 2048, disk: 50, hourly: 0.01786, monthly: 12 },
    "s-2vcpu-2gb": { vcpus: 2, memory: 2048, disk: 60, hourly: 0.02679, monthly: 18 },
    "s-2vcpu-4gb": { vcpus: 2, memory: 4096, disk: 80, hourly: 0.03571, monthly: 24 },
};

const REGIONS: Readonly<Record<string, string>> = {
    ams3: "Amsterdam 3",
    fra1: "Frankfurt 1",
    lon1: "London 1",
    nyc3: "New York 3",
    sgp1: "Singapore 1",
};

const IMAGES: Readonly<Record<string, string>> = {
    "debian-13-x64": "13 x64",
    "ubuntu-22-04-x64": "22.04 (LTS) x64",
    "ubuntu-24-04-x64": "24.04 (LTS) x64",
};

export function sizeOf(slug: string): Size {
    const size = SIZES[slug];
    if (size === undefined) {
        throw unprocessable("You specified an invalid size for Droplet creation.");
    }
    return size;
}

export function sizeView(slug: string): object {
    const { vcpus, memory, disk, hourly, monthly } = sizeOf(slug);
    const prices = { price_hourly: hourly, price_monthly: monthly };
    return { slug, memory, vcpus, disk, transfer: 2, ...prices, regions: Object.keys(REGIONS), available: true };
}

export function allSizes(): object[] {
    return Object.keys(SIZES).map(sizeView);
}

export function regionView(slug: string): object {
    const name = REGIONS[slug];
    if (name === undefined) {
        throw unprocessable("You specified an invalid region.");
    }
    return { slug, name, sizes: Object.keys(SIZES), available: true, features: ["monitoring", "storage"] };
}

export function allRegions(): object[] {
    return Object.keys(REGIONS).map(regionView);
}

export function imageView(slug: string): object {
    const name = IMAGES[slug];
    if (name === undefined) {
        throw unprocessable("You specified an invalid image for Droplet creation.");
    }
    const distribution = slug.startsWith("debian") ? "Debian" : "Ubuntu";
    const id = 1 + Object.keys(IMAGES).indexOf(slug);
    return { id, slug, name, distribution, public: true, regions: Object.keys(REGIONS), type: "base" };
}

export function allImages(): object[] {
    return Object.keys(IMAGES).map(imageView);
}
