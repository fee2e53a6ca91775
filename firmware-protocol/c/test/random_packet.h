/* Packets of every kind from a seed, for the round trips, the cross-check and the fuzzer. */
#ifndef LUBDUB_RANDOM_PACKET_H
#define LUBDUB_RANDOM_PACKET_H

#include "../lubdub_protocol.h"

/* xorshift64: G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8 (14), 2003. The state is never 0. */
typedef struct {
    uint64_t state;
} random_source;

random_source random_from(uint64_t seed);
uint32_t random_u32(random_source *source);
/* 0 <= result < bound */
uint32_t random_below(random_source *source, uint32_t bound);

/* A packet that lubdub_encode() takes. `store` holds what it points to. */
void random_packet(random_source *source, lubdub_packet *packet, uint8_t store[256]);

#endif
