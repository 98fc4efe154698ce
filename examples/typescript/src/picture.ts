import { PNG } from "pngjs";

/** What the detector takes: FP32 [1,3,height,width], RGB as (value / 255 - 0.5) / 0.5, both sides multiples of 32. */
export interface PictureTensor {
  readonly shape: [1, 3, number, number];
  readonly bytes: Buffer;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly tensor: PictureTensor;
}

const MULTIPLE = 32;
const WHITE = 1;
/** 64 megapixels: a larger picture is a mistake, or an attack on this process's memory. */
const MOST_PIXELS = 64 << 20;

/** Decodes a PNG and pads it with white at its right and lower edges, so that a pixel keeps its place. */
export function decode(png: Buffer): Picture {
  // Width and height are the first fields of the first chunk (PNG, section 11.2.2): looked at before anything is unpacked.
  if (png.length < 24 || png.readUInt32BE(16) * png.readUInt32BE(20) > MOST_PIXELS) {
    throw new Error(`no PNG, or one of more than ${MOST_PIXELS} pixels`);
  }
  const image = PNG.sync.read(png);
  const width = roundUp(image.width);
  const height = roundUp(image.height);
  const values = new Float32Array(3 * width * height).fill(WHITE);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const value = image.data[(y * image.width + x) * 4 + channel]!;
        values[(channel * height + y) * width + x] = (value / 255 - 0.5) / 0.5;
      }
    }
  }
  // The protocol is little-endian, and so is every machine that Node.js runs on today.
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return { width: image.width, height: image.height, tensor: { shape: [1, 3, height, width], bytes } };
}

/** The mask as a PNG of the picture's own size: 255 where the model sees text with at least this probability, else 0. */
export function encodeMask(mask: Float32Array, picture: Picture, threshold: number): Buffer {
  const stride = picture.tensor.shape[3];
  const image = new PNG({ width: picture.width, height: picture.height });
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const value = mask[y * stride + x]! >= threshold ? 255 : 0;
      image.data.set([value, value, value, 255], (y * picture.width + x) * 4);
    }
  }
  return PNG.sync.write(image, { colorType: 0 });
}

function roundUp(side: number): number {
  return Math.ceil(side / MULTIPLE) * MULTIPLE;
}
