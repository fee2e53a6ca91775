/*
 * A stethoscope on a Raspberry Pi Pico (RP2040): an electret or MEMS microphone behind an amplifier with a low-pass at about
 * 1,500 Hz, biased to half of 3.3 V, at GP26 (ADC0). 4,000 samples a second over USB.
 *
 * The converter runs free at 64,000 conversions a second of 12 bits, and DMA writes them into a ring, so that no interrupt and
 * no busy processor can shift one. The main loop adds 16 at a time to a sample of 16 bits. What the ring could not hold
 * is known to the conversion: the DMA counts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <Arduino.h>
#include <hardware/adc.h>
#include <hardware/dma.h>
#include <pico/unique_id.h>

#include "lubdub_device.h"

static const uint32_t SAMPLE_RATE_HZ = 4000;
static const uint32_t OVERSAMPLING = 16;
static const uint32_t SAMPLE_MICROS = 1000000 / SAMPLE_RATE_HZ;
/* The converter's clock is 48 MHz; it begins a conversion every 1 + ADC_DIVIDER of its ticks. */
static const float ADC_DIVIDER = 48000000.0f / (SAMPLE_RATE_HZ * OVERSAMPLING) - 1;
static const unsigned PIN = 26;
static const unsigned ADC_INPUT = 0;

/* 128 ms of conversions. The DMA wraps at this power of two, to which the ring must be aligned. */
static const uint32_t RING_BITS = 14;
static const uint32_t RING = (1u << RING_BITS) / sizeof(uint16_t);
static uint16_t ring[RING] __attribute__((aligned(1u << RING_BITS)));
/* As many as the register holds: 18 hours. */
static const uint32_t MOST_TRANSFERS = 0xFFFFFFF0u;
/* What is about to be overwritten is not read any more. */
static const uint32_t MARGIN = 4 * OVERSAMPLING;

static lubdub_device device;
static int channel;
/* Conversions that were made into samples or counted as lost, since the DMA was started. */
static uint32_t taken = 0;

/* All or nothing: a host that does not read must cost samples, which are counted, and not stop the device. */
static bool writeToHost(void *, const uint8_t *bytes, size_t length) {
  if (Serial.availableForWrite() < (int)length) return false;
  return Serial.write(bytes, length) == length;
}

static void startDma() {
  dma_channel_config config = dma_channel_get_default_config(channel);
  channel_config_set_transfer_data_size(&config, DMA_SIZE_16);
  channel_config_set_read_increment(&config, false);
  channel_config_set_write_increment(&config, true);
  channel_config_set_ring(&config, true, RING_BITS);
  channel_config_set_dreq(&config, DREQ_ADC);
  taken = 0;
  dma_channel_configure(channel, &config, ring, &adc_hw->fifo, MOST_TRANSFERS, true);
}

static void startConverter() {
  adc_init();
  adc_gpio_init(PIN);
  adc_select_input(ADC_INPUT);
  /* Into the queue, DMA requests, at every one, without the error bit, 12 bits as they are. */
  adc_fifo_setup(true, true, 1, false, false);
  adc_set_clkdiv(ADC_DIVIDER);
  channel = dma_claim_unused_channel(true);
  startDma();
  adc_run(true);
}

void setup() {
  static char serialNumber[2 * PICO_UNIQUE_BOARD_ID_SIZE_BYTES + 1];
  pico_get_unique_board_id_string(serialNumber, sizeof serialNumber);
  Serial.begin(115200); /* the rate means nothing over USB */

  lubdub_device_config config = lubdub_device_config();
  config.info.sample_rate_hz = SAMPLE_RATE_HZ;
  config.info.bits_per_sample = 16;
  config.info.full_scale = 32768;
  config.info.compatible_flags = LUBDUB_REPORTS_CLIPPING;
  config.info.firmware.bytes = "rp2040-adc 1.0.0";
  config.info.firmware.length = 16;
  config.info.serial_number.bytes = serialNumber;
  config.info.serial_number.length = 2 * PICO_UNIQUE_BOARD_ID_SIZE_BYTES;
  config.samples_per_packet = 80; /* 20 ms */
  config.write = writeToHost;
  lubdub_device_init(&device, &config);
  startConverter();
}

static uint32_t converted() { return MOST_TRANSFERS - dma_channel_hw_addr(channel)->transfer_count; }

/* Leaves out what the ring has lost, in whole samples, and tells how many those are. */
static void countLost() {
  const uint32_t waiting = converted() - taken;
  if (waiting <= RING - MARGIN) return;
  const uint32_t lost = (waiting - RING + MARGIN + OVERSAMPLING - 1) / OVERSAMPLING;
  taken += lost * OVERSAMPLING;
  lubdub_device_overrun(&device, lost);
}

static void takeSamples() {
  countLost();
  uint32_t ready = (converted() - taken) / OVERSAMPLING;
  const uint32_t nowMicros = micros();
  for (; ready > 0; ready--) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < OVERSAMPLING; i++) sum += ring[(taken + i) % RING] & 0x0FFF;
    taken += OVERSAMPLING;
    /* 16 times 12 bits fill 16; half the supply is 0. */
    lubdub_device_sample(&device, (int32_t)sum - 32768, nowMicros - ready * SAMPLE_MICROS);
  }
}

void loop() {
  static uint32_t statusMillis = 0;
  while (Serial.available() > 0) lubdub_device_receive(&device, (uint8_t)Serial.read());
  takeSamples();
  if (!dma_channel_is_busy(channel)) {
    /* After 18 hours the DMA has counted to its end. What came meanwhile is less than a sample; its place is lost. */
    startDma();
    lubdub_device_overrun(&device, 1);
  }
  if (millis() - statusMillis >= 1000) {
    statusMillis = millis();
    lubdub_device_send_status(&device, LUBDUB_UNKNOWN, LUBDUB_UNKNOWN);
  }
}
