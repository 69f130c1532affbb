/**
 * Where Atlas is odder than its API description lets one think, and the sandbox is as odd; each with its source.
 * "Terraform" is https://github.com/mongodb/terraform-provider-mongodbatlas.
 */
export interface Oddities {
  /**
   * How long a deleted connection shows DELETING, and a deleted workspace, which has no state, shows as before; until
   * then its name is taken. 0: it is gone at once. Nothing published says that what is in such a workspace answers
   * otherwise.
   * @see Terraform, pull request 4193, and the review of 4122
   */
  deletingMs: number;
  /**
   * How long a new connection or workspace is answered with 404 and left out of lists, with all that is in it, though
   * its create was answered with 200 and its name is taken. 0: it is there at once.
   * @see Terraform, pull request 4193, "eventual consistency"; its acceptance tests of 2025-10-19 met
   * STREAM_TENANT_NOT_FOUND_FOR_NAME on the create of a connection, those of 2025-11-06
   * STREAM_CONNECTION_NOT_FOUND_FOR_NAME on the sample of a new workspace
   */
  hiddenMs: number;
  /**
   * How long a connection that is FAILED stays so after a change, before it is PENDING again and then READY, or FAILED
   * where it is still wrong, as Atlas's users report. Infinity: for ever.
   */
  recoveringMs: number;
  /**
   * A Kafka connection that is PENDING cannot be deleted or changed: 409 STREAM_KAFKA_CONNECTION_IS_DEPLOYING.
   * @see Terraform, pull request 2474
   */
  deploying: boolean;
  /**
   * A connection cannot be deleted or changed while a processor that uses it runs, or is being stopped: 403, not 409,
   * STREAM_CONNECTION_HAS_STREAM_PROCESSORS.
   * @see Terraform's acceptance tests of 2026-09-09
   * @see https://www.mongodb.com/docs/atlas/cli/current/command/atlas-streams-connections-delete/
   */
  inUse: boolean;
  /** Whether the objects inside an answer have lists of `links` too, wherever the API description gives them some. */
  innerLinks: boolean;
  /**
   * A processor's dead letter queue and the fields of its stages come back in an order of Atlas's own, here that of the
   * alphabet, as Atlas's users report; fields of expressions, of documents and of $sort keep theirs.
   * @see Terraform, pull request 4631, for where the order has a meaning
   */
  fieldsReordered: boolean;
  /**
   * An instant comes back as the server writes it, with milliseconds, in whatever spelling of `$date` it was sent.
   * @see https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/
   */
  datesRespelled: boolean;
  /**
   * What of a workspace's `streamConfig` was not requested is not shown, and nothing of it where nothing was.
   * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/manage-processing-instance/ "max tier size: unset"
   * @see Terraform, pull request 4559
   */
  defaultsLeftOut: boolean;
  /**
   * The headers of an Https connection come back as they were sent: in the API description, unlike passwords, they are
   * not `writeOnly`.
   */
  headersReturned: boolean;
  /**
   * What is FAILED has an `errorMessage`: a private link by the API description, a connection as Atlas's users report,
   * which repeats what it is to connect to.
   */
  errorMessages: boolean;
}

/** Atlas as it is. */
export const atlasOddities: Readonly<Oddities> = {
  deletingMs: 1_000,
  hiddenMs: 300,
  recoveringMs: 1_000,
  deploying: true,
  inUse: true,
  innerLinks: true,
  fieldsReordered: true,
  datesRespelled: true,
  defaultsLeftOut: true,
  headersReturned: true,
  errorMessages: true,
};
