import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

/**
 * S3 or what speaks like it (MinIO, Ceph, s3rver). Endpoint, region and keys come from the variables that every AWS tool reads:
 * AWS_ENDPOINT_URL_S3, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
 */
export class Storage {
  private readonly client = new S3Client({
    // Buckets as hosts (bucket.host) need DNS entries that a clinic's store seldom has.
    forcePathStyle: true,
    // The checksums that this SDK adds by default are not understood by every other store.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });

  constructor(private readonly bucket: string) {}

  async read(key: string, maxBytes: number): Promise<Buffer> {
    const object = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
    if ((object.ContentLength ?? 0) > maxBytes) {
      throw new Error(`${object.ContentLength} bytes, and at most ${maxBytes} are taken`);
    }
    return Buffer.from(await object.Body!.transformToByteArray());
  }

  /** @param metadata goes with the object: which model and version made it */
  async write(key: string, png: Buffer, metadata: Record<string, string>): Promise<void> {
    await this.client.send(
      new PutObjectCommand({
        Bucket: this.bucket,
        Key: key,
        Body: png,
        ContentType: "image/png",
        Metadata: metadata,
      }),
    );
  }

  close(): void {
    this.client.destroy();
  }
}
