/*
 * A stethoscope on an ESP32-S3 board with native USB and an I2S microphone (INMP441, ICS-43434 and their like: 24 bit in
 * slots of 32). 8,000 samples a second, the slowest that such microphones are made for.
 *
 * To build: Arduino core 3 for ESP32 (ESP-IDF 5), "USB CDC On Boot: Enabled", and lubdub_protocol.{h,c} and lubdub_device.{h,c} in this
 * folder.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <Arduino.h>
#include <driver/i2s_std.h>

#include "lubdub_device.h"

static const uint32_t SAMPLE_RATE_HZ = 8000;
static const size_t BLOCK = 80; /* 10 ms */

static const gpio_num_t PIN_BIT_CLOCK = GPIO_NUM_4;
static const gpio_num_t PIN_WORD_SELECT = GPIO_NUM_5;
static const gpio_num_t PIN_DATA = GPIO_NUM_6;

static lubdub_device device;
static i2s_chan_handle_t microphone;
static volatile uint32_t droppedBytes = 0;
static portMUX_TYPE droppedLock = portMUX_INITIALIZER_UNLOCKED;

/* Runs in an interrupt: the driver threw away its oldest buffer, because the main loop was too slow. */
static bool IRAM_ATTR onOverflow(i2s_chan_handle_t, i2s_event_data_t *event, void *) {
  portENTER_CRITICAL_ISR(&droppedLock);
  droppedBytes = droppedBytes + event->size;
  portEXIT_CRITICAL_ISR(&droppedLock);
  return false;
}

static uint32_t takeDroppedSamples() {
  portENTER_CRITICAL(&droppedLock);
  const uint32_t bytes = droppedBytes;
  droppedBytes = 0;
  portEXIT_CRITICAL(&droppedLock);
  return bytes / sizeof(int32_t);
}

/* All or nothing: a host that does not read must cost samples, which are counted, and not stop the device. */
static bool writeToHost(void *, const uint8_t *bytes, size_t length) {
  if (Serial.availableForWrite() < (int)length) return false;
  return Serial.write(bytes, length) == length;
}

static bool startMicrophone() {
  i2s_chan_config_t channel = I2S_CHANNEL_DEFAULT_CONFIG(I2S_NUM_AUTO, I2S_ROLE_MASTER);
  channel.dma_desc_num = 8;
  channel.dma_frame_num = BLOCK;
  if (i2s_new_channel(&channel, NULL, &microphone) != ESP_OK) return false;

  i2s_std_config_t standard = {};
  standard.clk_cfg = I2S_STD_CLK_DEFAULT_CONFIG(SAMPLE_RATE_HZ);
  standard.slot_cfg = I2S_STD_PHILIPS_SLOT_DEFAULT_CONFIG(I2S_DATA_BIT_WIDTH_32BIT, I2S_SLOT_MODE_MONO);
  standard.gpio_cfg.mclk = I2S_GPIO_UNUSED;
  standard.gpio_cfg.bclk = PIN_BIT_CLOCK;
  standard.gpio_cfg.ws = PIN_WORD_SELECT;
  standard.gpio_cfg.dout = I2S_GPIO_UNUSED;
  standard.gpio_cfg.din = PIN_DATA;

  i2s_event_callbacks_t callbacks = {};
  callbacks.on_recv_q_ovf = onOverflow;
  return i2s_channel_init_std_mode(microphone, &standard) == ESP_OK &&
         i2s_channel_register_event_callback(microphone, &callbacks, NULL) == ESP_OK &&
         i2s_channel_enable(microphone) == ESP_OK;
}

void setup() {
  static char serialNumber[13];
  snprintf(serialNumber, sizeof serialNumber, "%012llx", (unsigned long long)ESP.getEfuseMac());
  Serial.setTxBufferSize(4096); /* 150 ms of stream */
  Serial.begin(115200);         /* the rate means nothing over USB */

  lubdub_device_config config = {};
  config.info.sample_rate_hz = SAMPLE_RATE_HZ;
  config.info.bits_per_sample = 24;
  config.info.full_scale = 1UL << 23;
  config.info.compatible_flags = LUBDUB_REPORTS_CLIPPING;
  config.info.firmware.bytes = "i2s_stethoscope 1.0.0";
  config.info.firmware.length = 21;
  config.info.serial_number.bytes = serialNumber;
  config.info.serial_number.length = 12;
  config.samples_per_packet = LUBDUB_MAX_SAMPLES_24; /* 9.9 ms */
  config.write = writeToHost;
  lubdub_device_init(&device, &config);
  if (!startMicrophone()) {
    lubdub_device_send_error(&device, LUBDUB_ERROR_CONVERTER_FAULT, "the I2S microphone does not start");
  }
}

static void takeSamples() {
  static int32_t block[BLOCK];
  size_t bytes = 0;
  i2s_channel_read(microphone, block, sizeof block, &bytes, 20);
  const uint32_t count = bytes / sizeof block[0];
  /* The last sample has just come; the scheduler's jitter of it averages out over the minutes that drift takes. */
  const uint32_t firstMicros = micros() - count * (1000000 / SAMPLE_RATE_HZ);
  /* The driver drops its oldest buffer: what is missing was before what has now been read. */
  lubdub_device_overrun(&device, takeDroppedSamples());
  for (uint32_t i = 0; i < count; i++) {
    lubdub_device_sample(&device, block[i] >> 8, firstMicros + i * (1000000 / SAMPLE_RATE_HZ));
  }
}

void loop() {
  static uint32_t statusMillis = 0;
  while (Serial.available() > 0) lubdub_device_receive(&device, (uint8_t)Serial.read());
  takeSamples();
  if (millis() - statusMillis >= 1000) {
    statusMillis = millis();
    lubdub_device_send_status(&device, LUBDUB_UNKNOWN, LUBDUB_UNKNOWN);
  }
}
