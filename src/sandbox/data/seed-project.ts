/** What the seeded projects hold beside their workspaces, in the shapes of the Admin API. */
import { Collections } from "./collections.ts";
import type { Project } from "./state.ts";

const awsAccount = "123456789012";
const brokersArn = `arn:aws:kafka:us-east-1:${awsAccount}:cluster/shop/65f1c0de-5f60-4b4a-9c1e-0f7c5d6d7a11-3`;

type ProjectContents = Omit<Project, "groupId" | "name" | "orgId" | "created" | "workspaces">;

/** Something for every connection type to use, and for most kinds one that cannot be used. */
export function shopContents(groupId: string): ProjectContents {
  return {
    collections: new Collections(),
    clusters: [
      cluster(groupId, "65f1c1b00a1b2c3d4e5f6081", "Cluster0", "M30"),
      cluster(groupId, "65f1c1b00a1b2c3d4e5f6082", "analytics", "M10"),
    ],
    awsIamRoles: [
      {
        providerName: "AWS",
        roleId: "65f1c2000a1b2c3d4e5f6091",
        atlasAWSAccountArn: "arn:aws:iam::536727724300:root",
        atlasAssumedRoleExternalId: "0f8a7f3c-6f0f-4c56-9a80-2d1b7c7f0a11",
        iamAssumedRoleArn: `arn:aws:iam::${awsAccount}:role/atlas-streams`,
        authorizedDate: "2024-03-14T09:30:00Z",
        createdDate: "2024-03-14T09:12:41Z",
        featureUsages: [],
      },
      {
        providerName: "AWS",
        roleId: "65f1c2000a1b2c3d4e5f6092",
        atlasAWSAccountArn: "arn:aws:iam::536727724300:root",
        atlasAssumedRoleExternalId: "7c2d9f10-1f7a-4f4e-8b53-9f7d2a6e4b22",
        createdDate: "2024-05-02T11:45:03Z",
        featureUsages: [],
      },
    ],
    azureServicePrincipals: [
      {
        providerName: "AZURE",
        _id: "65f1c2000a1b2c3d4e5f6093",
        atlasAzureAppId: "9f2deb0d-be22-4524-a403-df531868bac0",
        servicePrincipalId: "2f0c2b36-33a7-4c1e-9c1e-0f7c5d6d7a11",
        tenantId: "91402384-d71e-22f5-22dd-759e272cdc1c",
        createdDate: "2024-04-02T08:00:00Z",
        lastUpdatedDate: "2024-04-02T08:05:00Z",
        featureUsages: [],
      },
    ],
    gcpServiceAccounts: [
      {
        providerName: "GCP",
        roleId: "65f1c2000a1b2c3d4e5f6094",
        gcpServiceAccountForAtlas: "mongodb-atlas-a1b2c3d4e5f6g7h8@p-65f1c0de0a1b2c3d4e5f6071.iam.gserviceaccount.com",
        status: "COMPLETE",
        createdDate: "2024-04-09T13:21:09Z",
        featureUsages: [],
      },
    ],
    customRoles: [
      {
        roleName: "streamWriter",
        actions: [
          { action: "INSERT", resources: [{ cluster: false, db: "shop", collection: "" }] },
          { action: "UPDATE", resources: [{ cluster: false, db: "shop", collection: "" }] },
        ],
        inheritedRoles: [],
      },
      { roleName: "shopReader", actions: [], inheritedRoles: [{ db: "shop", role: "read" }] },
    ],
    privateLinks: [
      {
        _id: "65f1c2500a1b2c3d4e5f60b1",
        provider: "AWS",
        vendor: "CONFLUENT",
        region: "us-east-1",
        state: "DONE",
        serviceEndpointId: "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f60718",
        dnsDomain: "example.us-east-1.aws.confluent.cloud",
        dnsSubDomain: ["use1-az1", "use1-az2"],
        interfaceEndpointId: "vpce-0123456789abcdef0",
      },
      {
        _id: "65f1c2500a1b2c3d4e5f60b2",
        provider: "AWS",
        vendor: "S3",
        region: "us-east-1",
        state: "WORKING",
        serviceEndpointId: "com.amazonaws.us-east-1.s3",
      },
      {
        _id: "65f1c2500a1b2c3d4e5f60b3",
        provider: "AWS",
        vendor: "MSK",
        arn: brokersArn,
        state: "FAILED",
        errorMessage: `Multi-VPC connectivity is not turned on for ${brokersArn}`,
        authenticationScheme: "SASL_SCRAM",
      },
    ],
    vpcPeerings: [
      {
        _id: "65f1c2900a1b2c3d4e5f60c1",
        groupId,
        name: "pcx-0a1b2c3d4e5f60711",
        requesterAccountId: awsAccount,
        requesterVpcId: "vpc-0f1e2d3c4b5a69780",
        requesterCidr: "10.20.0.0/16",
        accepterAccountId: "536727724300",
        accepterVpcId: "vpc-00112233445566778",
        accepterCidr: "192.168.240.0/21",
        cloudStatus: "active",
        localStatus: "ACTIVE",
      },
      {
        _id: "65f1c2900a1b2c3d4e5f60c2",
        groupId,
        name: "pcx-0a1b2c3d4e5f60722",
        requesterAccountId: awsAccount,
        requesterVpcId: "vpc-0f1e2d3c4b5a69781",
        requesterCidr: "10.30.0.0/16",
        accepterAccountId: "536727724300",
        accepterVpcId: "vpc-00112233445566778",
        accepterCidr: "192.168.240.0/21",
        cloudStatus: "pending-acceptance",
        localStatus: "NONE",
        expirationTime: "2030-01-01T00:00:00Z",
      },
    ],
  };
}

/** One small cluster and nothing else. */
export function labContents(groupId: string): ProjectContents {
  return { ...noContents(), clusters: [cluster(groupId, "65f1c1b00a1b2c3d4e5f6083", "Lab0", "M10")] };
}

/** Nothing beside workspaces. */
export function noContents(): ProjectContents {
  return {
    clusters: [],
    awsIamRoles: [],
    azureServicePrincipals: [],
    gcpServiceAccounts: [],
    customRoles: [],
    privateLinks: [],
    vpcPeerings: [],
    collections: new Collections(),
  };
}

function cluster(groupId: string, id: string, name: string, instanceSize: string) {
  return {
    id,
    groupId,
    name,
    clusterType: "REPLICASET",
    stateName: "IDLE",
    paused: false,
    mongoDBMajorVersion: "8.0",
    mongoDBVersion: "8.0.4",
    createDate: "2024-03-13T15:20:11Z",
    connectionStrings: { standardSrv: `mongodb+srv://${name.toLowerCase()}.a1b2c.mongodb.net` },
    replicationSpecs: [
      {
        regionConfigs: [
          {
            providerName: "AWS",
            regionName: "US_EAST_1",
            priority: 7,
            electableSpecs: { instanceSize, nodeCount: 3 },
          },
        ],
      },
    ],
  };
}
