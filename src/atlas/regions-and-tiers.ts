/**
 * Where Atlas runs stream processors, and on what.
 * @see https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-creategroupstreamworkspace
 */

/**
 * The sizes of stream processors, smallest first: their memory in bytes; how much parallelism the stages can have in all,
 * beyond one instance of each; how many collections an initial sync can read; whether they can write to Iceberg tables.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/tier-guide/
 */
export const tierTable = [
  { name: "SP2", memory: 0.5e9, parallelism: 1, collections: 1, iceberg: false },
  { name: "SP5", memory: 1e9, parallelism: 2, collections: 1, iceberg: false },
  { name: "SP10", memory: 2e9, parallelism: 8, collections: 5, iceberg: true },
  { name: "SP30", memory: 8e9, parallelism: 16, collections: 10, iceberg: true },
  { name: "SP50", memory: 32e9, parallelism: 64, collections: 50, iceberg: true },
] as const;

const [smallest, ...larger] = tierTable;
export const tiers = [smallest.name, ...larger.map(({ name }) => name)] as const;

/** Whether a tier is larger than another; of one that is not known, nothing is claimed. */
export function isLarger(tier: string | undefined, most: string | undefined): boolean {
  const order: readonly (string | undefined)[] = tiers;
  return order.includes(most) && order.indexOf(tier) > order.indexOf(most);
}

/** Regions by cloud: Atlas's spelling by the cloud's own. */
export const regions = {
  AWS: {
    "ap-southeast-2": "SYDNEY_AUS",
    "ap-south-1": "MUMBAI_IND",
    "eu-central-1": "FRANKFURT_DEU",
    "eu-west-1": "DUBLIN_IRL",
    "eu-west-2": "LONDON_GBR",
    "us-east-1": "VIRGINIA_USA",
    "us-east-2": "OHIO_USA",
    "us-west-2": "OREGON_USA",
    "sa-east-1": "SAOPAULO_BRA",
    "ca-central-1": "MONTREAL_CAN",
    "ap-northeast-1": "TOKYO_JPN",
    "ap-southeast-1": "SINGAPORE_SGP",
    "eu-west-3": "PARIS_FRA",
    "ap-northeast-2": "SEOUL_KOR",
  },
  AZURE: {
    eastus: "eastus",
    westus: "westus",
    eastus2: "eastus2",
    westeurope: "westeurope",
    brazilsouth: "brazilsouth",
    australiaeast: "australiaeast",
  },
  GCP: {
    "us-central1": "US_CENTRAL1",
    "europe-west1": "EUROPE_WEST1",
    "us-east4": "US_EAST4",
  },
} as const satisfies Record<string, Readonly<Record<string, string>>>;

export type CloudProvider = keyof typeof regions;

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** Atlas's spelling of a region in any spelling; undefined for one that is not known here, which Atlas may know. */
export function regionNamed(name: string, cloudProvider: CloudProvider): string | undefined {
  const aliases = Object.entries(regions[cloudProvider]);
  return aliases.find((spellings) => spellings.some((spelling) => plain(spelling) === plain(name)))?.[1];
}

/** Atlas's names of the regions of a cloud. */
export const regionsOf = (cloudProvider: CloudProvider): string[] => Object.values(regions[cloudProvider]);

/** Every cloud that has a region of this name. Names of two clouds can differ in a hyphen alone, so the spelling counts. */
export function cloudsWith(name: string): CloudProvider[] {
  const spellingsOf = (cloud: CloudProvider) => Object.entries(regions[cloud]).flat();
  return cloudProviders.filter((cloud) =>
    spellingsOf(cloud).some((spelling) => spelling.toLowerCase() === name.toLowerCase()),
  );
}

export const cloudProviders = ["AWS", "AZURE", "GCP"] as const satisfies readonly CloudProvider[];
