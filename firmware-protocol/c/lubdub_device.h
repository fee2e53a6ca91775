/*
 * The device's side of the lubdub protocol: states, numbering, versions, credit. Optional: the codec in
 * lubdub_protocol.h works without it. Whoever uses it has two duties: hand over every byte that the host sends, and
 * every sample that the converter takes.
 *
 * C99, no heap, no library, no global state. Call all functions of one device from one place (the main loop, or one task);
 * samples from an interrupt go through a queue of your own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LUBDUB_DEVICE_H
#define LUBDUB_DEVICE_H

#include "lubdub_protocol.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    /* What the device is. The two protocol versions are filled in by lubdub_device_init(). */
    lubdub_info info;
    /* Samples that a SAMPLES packet waits for: 10 to 50 ms of signal, at most 119 of 16 bit or 79 of 24 bit. */
    uint8_t samples_per_packet;
    /* Hands bytes to the wire: all of them (true), or none where there is no room (false). Must not wait for the host. */
    bool (*write)(void *context, const uint8_t *bytes, size_t length);
    /* Given to `write`. */
    void *context;
} lubdub_device_config;

typedef enum { LUBDUB_IDLE, LUBDUB_READY, LUBDUB_STREAMING } lubdub_device_state;

/* Fields are private but for `state`, which may be read. */
typedef struct {
    lubdub_device_state state;
    bool version_refused;
    bool has_credit;
    uint8_t stop_reason;
    uint16_t sequence;
    uint32_t index; /* of the next sample */
    uint32_t overrun_samples;
    uint32_t clipped_samples;
    uint32_t credit_limit;
    lubdub_device_config config;
    lubdub_samples_writer writer;
    uint8_t wire[LUBDUB_MAX_WIRE];
    lubdub_decoder decoder;
} lubdub_device;

/*
 * Copies the configuration (not the texts that it points to) and announces the device with INFO.
 *
 * Returns false, and does nothing, where the configuration cannot be: bits_per_sample neither 16 nor 24, full_scale not
 * in 1..2^(bits_per_sample - 1), sample_rate_hz beyond its bounds, a text too long, or samples_per_packet 0 or more than fit.
 */
bool lubdub_device_init(lubdub_device *device, const lubdub_device_config *config);

/* Takes a byte from the host, and answers through `write`. */
void lubdub_device_receive(lubdub_device *device, uint8_t byte);

/*
 * Takes a sample, in units of 1 / full_scale, and the time when it was converted. Does nothing unless the device
 * streams. Where `write` has no room for a full packet, its samples are counted as overrun.
 */
void lubdub_device_sample(lubdub_device *device, int32_t sample, uint32_t micros);

/* The converter took `count` samples that were never handed over: keeps the time axis right. */
void lubdub_device_overrun(lubdub_device *device, uint32_t count);

/* How many samples may be handed over now. Only for a source that can wait; UINT32_MAX where the host set no limit. */
uint32_t lubdub_device_credit(const lubdub_device *device);

/* Sends STATUS; once a second, and when contact has changed. Does nothing unless the device streams. */
void lubdub_device_send_status(lubdub_device *device, uint8_t battery, uint8_t contact);

/* Ends the stream of its own accord: sends the samples collected, then STOPPED with `reason`. */
void lubdub_device_stop(lubdub_device *device, uint8_t reason);

/* Tells a person what is wrong, in at most 128 characters. Changes no state. */
void lubdub_device_send_error(lubdub_device *device, uint16_t code, const char *text);

#ifdef __cplusplus
}
#endif

#endif
