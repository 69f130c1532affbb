/**
 * Where Atlas runs stream processors, and on what. A region has three spellings: that of the cloud (`us-east-1`), which
 * private links take, that of workspaces and connections (`VIRGINIA_USA`), and that of clusters (`US_EAST_1`), which
 * account details take.
 * @see https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-creategroupstreamworkspace
 * @see https://www.mongodb.com/docs/atlas/reference/amazon-aws/
 * @see https://www.mongodb.com/docs/atlas/reference/microsoft-azure/
 * @see https://www.mongodb.com/docs/atlas/reference/google-gcp/
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

/** The regions that workspaces can be in, by cloud: Atlas's spelling by the cloud's own. */
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

/** The regions of each cloud that Atlas has clusters in: the clusters' spelling by the cloud's own. */
const clusterRegions: Readonly<Record<CloudProvider, Readonly<Record<string, string>>>> = {
  AWS: {
    "us-east-1": "US_EAST_1",
    "us-west-2": "US_WEST_2",
    "ca-central-1": "CA_CENTRAL_1",
    "ca-west-1": "CA_WEST_1",
    "us-east-2": "US_EAST_2",
    "us-west-1": "US_WEST_1",
    "sa-east-1": "SA_EAST_1",
    "mx-central-1": "MX_CENTRAL_1",
    "ap-southeast-1": "AP_SOUTHEAST_1",
    "ap-southeast-2": "AP_SOUTHEAST_2",
    "ap-southeast-3": "AP_SOUTHEAST_3",
    "ap-south-1": "AP_SOUTH_1",
    "ap-east-1": "AP_EAST_1",
    "ap-east-2": "AP_EAST_2",
    "ap-northeast-1": "AP_NORTHEAST_1",
    "ap-northeast-2": "AP_NORTHEAST_2",
    "ap-northeast-3": "AP_NORTHEAST_3",
    "ap-south-2": "AP_SOUTH_2",
    "ap-southeast-4": "AP_SOUTHEAST_4",
    "ap-southeast-5": "AP_SOUTHEAST_5",
    "ap-southeast-6": "AP_SOUTHEAST_6",
    "ap-southeast-7": "AP_SOUTHEAST_7",
    "eu-west-1": "EU_WEST_1",
    "eu-central-1": "EU_CENTRAL_1",
    "eu-north-1": "EU_NORTH_1",
    "eu-west-2": "EU_WEST_2",
    "eu-west-3": "EU_WEST_3",
    "eu-south-1": "EU_SOUTH_1",
    "eu-central-2": "EU_CENTRAL_2",
    "eu-south-2": "EU_SOUTH_2",
    "me-south-1": "ME_SOUTH_1",
    "af-south-1": "AF_SOUTH_1",
    "il-central-1": "IL_CENTRAL_1",
    "me-central-1": "ME_CENTRAL_1",
  },
  AZURE: {
    centralus: "US_CENTRAL",
    eastus: "US_EAST",
    eastus2: "US_EAST_2",
    northcentralus: "US_NORTH_CENTRAL",
    westus: "US_WEST",
    westus2: "US_WEST_2",
    westus3: "US_WEST_3",
    westcentralus: "US_WEST_CENTRAL",
    southcentralus: "US_SOUTH_CENTRAL",
    brazilsouth: "BRAZIL_SOUTH",
    brazilsoutheast: "BRAZIL_SOUTHEAST",
    canadaeast: "CANADA_EAST",
    canadacentral: "CANADA_CENTRAL",
    chilecentral: "CHILE_CENTRAL",
    mexicocentral: "MEXICO_CENTRAL",
    northeurope: "EUROPE_NORTH",
    westeurope: "EUROPE_WEST",
    uksouth: "UK_SOUTH",
    ukwest: "UK_WEST",
    francecentral: "FRANCE_CENTRAL",
    francesouth: "FRANCE_SOUTH",
    italynorth: "ITALY_NORTH",
    germanywestcentral: "GERMANY_WEST_CENTRAL",
    germanynorth: "GERMANY_NORTH",
    polandcentral: "POLAND_CENTRAL",
    switzerlandnorth: "SWITZERLAND_NORTH",
    switzerlandwest: "SWITZERLAND_WEST",
    norwayeast: "NORWAY_EAST",
    norwaywest: "NORWAY_WEST",
    swedencentral: "SWEDEN_CENTRAL",
    swedensouth: "SWEDEN_SOUTH",
    spaincentral: "SPAIN_CENTRAL",
    eastasia: "ASIA_EAST",
    southeastasia: "ASIA_SOUTH_EAST",
    australiacentral: "AUSTRALIA_CENTRAL",
    australiacentral2: "AUSTRALIA_CENTRAL_2",
    australiaeast: "AUSTRALIA_EAST",
    australiasoutheast: "AUSTRALIA_SOUTH_EAST",
    centralindia: "INDIA_CENTRAL",
    southindia: "INDIA_SOUTH",
    westindia: "INDIA_WEST",
    indonesiacentral: "INDONESIA_CENTRAL",
    japaneast: "JAPAN_EAST",
    japanwest: "JAPAN_WEST",
    koreacentral: "KOREA_CENTRAL",
    koreasouth: "KOREA_SOUTH",
    malaysiawest: "MALAYSIA_WEST",
    newzealandnorth: "NEW_ZEALAND_NORTH",
    southafricanorth: "SOUTH_AFRICA_NORTH",
    southafricawest: "SOUTH_AFRICA_WEST",
    uaenorth: "UAE_NORTH",
    uaecentral: "UAE_CENTRAL",
    qatarcentral: "QATAR_CENTRAL",
    israelcentral: "ISRAEL_CENTRAL",
  },
  GCP: {
    "us-central1": "CENTRAL_US",
    "us-east1": "EASTERN_US",
    "us-east4": "US_EAST_4",
    "us-east5": "US_EAST_5",
    "northamerica-northeast1": "NORTH_AMERICA_NORTHEAST_1",
    "northamerica-northeast2": "NORTH_AMERICA_NORTHEAST_2",
    "southamerica-east1": "SOUTH_AMERICA_EAST_1",
    "southamerica-west1": "SOUTH_AMERICA_WEST_1",
    "us-west1": "WESTERN_US",
    "us-west2": "US_WEST_2",
    "us-west3": "US_WEST_3",
    "us-west4": "US_WEST_4",
    "us-south1": "US_SOUTH_1",
    "northamerica-south1": "NORTH_AMERICA_SOUTH_1",
    "asia-east1": "EASTERN_ASIA_PACIFIC",
    "asia-east2": "ASIA_EAST_2",
    "asia-northeast1": "NORTHEASTERN_ASIA_PACIFIC",
    "asia-northeast2": "ASIA_NORTHEAST_2",
    "asia-northeast3": "ASIA_NORTHEAST_3",
    "asia-southeast1": "SOUTHEASTERN_ASIA_PACIFIC",
    "asia-south1": "ASIA_SOUTH_1",
    "asia-south2": "ASIA_SOUTH_2",
    "australia-southeast1": "AUSTRALIA_SOUTHEAST_1",
    "australia-southeast2": "AUSTRALIA_SOUTHEAST_2",
    "asia-southeast2": "ASIA_SOUTHEAST_2",
    "europe-west1": "WESTERN_EUROPE",
    "europe-north1": "EUROPE_NORTH_1",
    "europe-west2": "EUROPE_WEST_2",
    "europe-west3": "EUROPE_WEST_3",
    "europe-west4": "EUROPE_WEST_4",
    "europe-west6": "EUROPE_WEST_6",
    "europe-west10": "EUROPE_WEST_10",
    "europe-central2": "EUROPE_CENTRAL_2",
    "europe-west8": "EUROPE_WEST_8",
    "europe-west9": "EUROPE_WEST_9",
    "europe-west12": "EUROPE_WEST_12",
    "europe-southwest1": "EUROPE_SOUTHWEST_1",
    "me-west1": "MIDDLE_EAST_WEST_1",
    "me-central1": "MIDDLE_EAST_CENTRAL_1",
    "me-central2": "MIDDLE_EAST_CENTRAL_2",
    "africa-south1": "AFRICA_SOUTH_1",
  },
};

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** A region in its three spellings; undefined where it has none of that kind. */
export interface RegionSpellings {
  own: string;
  ofWorkspaces: string | undefined;
  ofClusters: string | undefined;
}

/** The spellings of a region that is given in any of them; undefined for one that is not known here, which Atlas may know. */
export function spellingsOf(name: string, cloudProvider: CloudProvider): RegionSpellings | undefined {
  const ofClusters = clusterRegions[cloudProvider];
  const ofWorkspaces: Readonly<Record<string, string>> = regions[cloudProvider];
  const isMeant = (spelling = "") => plain(spelling) === plain(name);
  const owns = Object.keys(ofClusters);
  const own = owns.find(isMeant) ?? owns.find((each) => isMeant(ofWorkspaces[each]) || isMeant(ofClusters[each]));
  return own === undefined ? undefined : { own, ofWorkspaces: ofWorkspaces[own], ofClusters: ofClusters[own] };
}

/** Atlas's spelling of a region that workspaces can be in; undefined for one that is not known here, which Atlas may know. */
export const regionNamed = (name: string, cloudProvider: CloudProvider): string | undefined =>
  spellingsOf(name, cloudProvider)?.ofWorkspaces;

/** The clouds' own names of the regions of a cloud. */
export const ownRegionsOf = (cloudProvider: CloudProvider): string[] => Object.keys(clusterRegions[cloudProvider]);

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
