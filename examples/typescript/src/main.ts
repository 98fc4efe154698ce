// One step of a workflow: fetch an image, ask a runner for its mask, store the mask with the version that made it.
import { parseArgs } from "node:util";
import { decode, encodeMask } from "./picture.js";
import { Runner } from "./runner.js";
import { Storage } from "./storage.js";

const USAGE = `usage: node build/main.js --bucket scans --image study/1.png --mask study/1.mask.png
  --runner host:port|unix:/path   default: localhost:50051
  --model name                    default: text-det
  --proto file                    default: open_inference_grpc.proto of this repository
  --threshold 0..1                default: 0.3
  --deadline seconds              default: 30, for all attempts`;

const LARGEST_IMAGE = 64 << 20;
const PROTO = new URL("../../../runner/proto/src/main/proto/open_inference_grpc.proto", import.meta.url).pathname;

const { values: options } = parseArgs({
  options: {
    bucket: { type: "string" },
    image: { type: "string" },
    mask: { type: "string" },
    runner: { type: "string", default: "localhost:50051" },
    model: { type: "string", default: "text-det" },
    proto: { type: "string", default: PROTO },
    threshold: { type: "string", default: "0.3" },
    deadline: { type: "string", default: "30" },
  },
});

/** Says which step failed, on which object: the error alone does not know. */
async function step<T>(what: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

async function main(): Promise<void> {
  const { bucket, image, mask, runner: target, model, proto } = options;
  const threshold = Number(options.threshold);
  const deadline = Number(options.deadline);
  if (!bucket || !image || !mask || !(threshold >= 0 && threshold <= 1) || !(deadline > 0)) {
    throw new Error(USAGE);
  }
  const storage = new Storage(bucket);
  const runner = new Runner(target, proto);
  try {
    const png = await step(`cannot fetch s3://${bucket}/${image}`, () => storage.read(image, LARGEST_IMAGE));
    const picture = await step(`cannot read s3://${bucket}/${image}`, () => decode(png));
    const answer = await step(`cannot ask ${target} about s3://${bucket}/${image}`, () =>
      runner.segment(model, image, picture.tensor, deadline * 1000),
    );
    await step(`cannot store s3://${bucket}/${mask}`, () =>
      storage.write(mask, encodeMask(answer.values, picture, threshold), {
        model,
        "model-version": answer.version,
        image,
      }),
    );
    console.log(JSON.stringify({ image, mask, model, version: answer.version, shape: answer.shape }));
  } finally {
    runner.close();
    storage.close();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
