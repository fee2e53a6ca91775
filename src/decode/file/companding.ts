/**
 * The 16-bit integers that the 256 codes of G.711 stand for, 8 bits each.
 *
 * @see ITU-T G.711; Sun's g711.c and libsndfile give the same integers
 */
export const MU_LAW: Int16Array = Int16Array.from({ length: 256 }, (_, code) => {
  const inverted = ~code & 0xff;
  const magnitude = ((((inverted & 0x0f) << 3) + 0x84) << ((inverted & 0x70) >> 4)) - 0x84;
  return (inverted & 0x80) === 0 ? magnitude : -magnitude;
});

export const A_LAW: Int16Array = Int16Array.from({ length: 256 }, (_, code) => {
  const toggled = code ^ 0x55;
  const segment = (toggled & 0x70) >> 4;
  const step = (toggled & 0x0f) << 4;
  const magnitude = segment === 0 ? step + 8 : (step + 0x108) << (segment - 1);
  return (toggled & 0x80) === 0 ? -magnitude : magnitude;
});
