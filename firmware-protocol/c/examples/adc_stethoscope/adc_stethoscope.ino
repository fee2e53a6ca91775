/*
 * A stethoscope on an Arduino Uno or Nano (ATmega328P, 16 MHz): an electret microphone behind an amplifier with a low-pass at
 * about 800 Hz, biased to half the supply, at A0. 2,000 samples a second of 10 bit, 115,200 baud.
 *
 * To build: put lubdub_protocol.{h,c} and lubdub_device.{h,c} into this folder.
 *
 * The timer starts every conversion in hardware, so the sample clock does not jitter however busy the processor is. The
 * interrupt puts samples in a ring; the main loop takes them out and speaks the protocol.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <Arduino.h>
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "lubdub_device.h"

static const uint32_t SAMPLE_RATE_HZ = 2000;
static const uint32_t SAMPLE_MICROS = 1000000 / SAMPLE_RATE_HZ;

/* 64 ms of samples: longer than the longest packet takes to leave at 115,200 baud (22 ms). A power of two. */
static const uint8_t RING = 128;

static volatile uint16_t ring[RING];
static volatile uint8_t ringHead = 0;
static volatile uint8_t ringTail = 0;
static volatile uint32_t lastSampleMicros = 0;
/* Samples that found the ring full, and the place in the ring of the first that came after them. */
static volatile uint16_t droppedSamples = 0;
static volatile uint8_t droppedBefore = 0;

static lubdub_device device;

ISR(ADC_vect) {
  const uint8_t next = (ringHead + 1) & (RING - 1);
  /* The converter starts at the edge of this flag: it must be cleared for the next one. */
  TIFR1 = _BV(OCF1B);
  lastSampleMicros = micros();
  if (next == ringTail) {
    if (droppedSamples == 0) droppedBefore = ringHead;
    droppedSamples++;
    return;
  }
  ring[ringHead] = ADC;
  ringHead = next;
}

/* A UART sends whether anybody listens or not: this waits a few milliseconds at most, while the ring fills. */
static bool writeToHost(void *, const uint8_t *bytes, size_t length) {
  return Serial.write(bytes, length) == length;
}

static void startConverter() {
  TCCR1A = 0;
  TCCR1B = _BV(WGM12) | _BV(CS11);           /* count to OCR1A at 16 MHz / 8 */
  OCR1A = 2000000 / SAMPLE_RATE_HZ - 1;
  OCR1B = OCR1A;
  ADMUX = _BV(REFS0);                        /* reference AVcc, input A0 */
  ADCSRB = _BV(ADTS2) | _BV(ADTS0);          /* start at timer 1's compare match B */
  ADCSRA = _BV(ADEN) | _BV(ADATE) | _BV(ADIE) | _BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0);
}

void setup() {
  lubdub_device_config config = lubdub_device_config();
  Serial.begin(115200);
  config.info.sample_rate_hz = SAMPLE_RATE_HZ;
  config.info.bits_per_sample = 16;
  config.info.full_scale = 512;
  config.info.compatible_flags = LUBDUB_REPORTS_CLIPPING;
  config.info.firmware.bytes = "adc_stethoscope 1.0.0";
  config.info.firmware.length = 21;
  config.info.serial_number.bytes = "0001";  /* another one for every board */
  config.info.serial_number.length = 4;
  config.samples_per_packet = 40;            /* 20 ms */
  config.write = writeToHost;
  lubdub_device_init(&device, &config);
  startConverter();
}

/* Hands the ring's oldest sample to the protocol. Returns false where the ring is empty. */
static bool takeSample() {
  uint16_t reading;
  uint16_t droppedNow = 0;
  uint32_t takenMicros;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    if (ringHead == ringTail) return false;
    if (droppedSamples > 0 && droppedBefore == ringTail) {
      droppedNow = droppedSamples;
      droppedSamples = 0;
    }
    /* Those that wait behind this one, and those dropped among them, are younger. */
    const uint16_t younger = ((ringHead - ringTail - 1) & (RING - 1)) + droppedSamples;
    takenMicros = lastSampleMicros - younger * SAMPLE_MICROS;
    reading = ring[ringTail];
    ringTail = (ringTail + 1) & (RING - 1);
  }
  lubdub_device_overrun(&device, droppedNow);
  lubdub_device_sample(&device, (int32_t)reading - 512, takenMicros);
  return true;
}

void loop() {
  static uint32_t statusMillis = 0;
  while (Serial.available() > 0) lubdub_device_receive(&device, (uint8_t)Serial.read());
  for (uint8_t i = 0; i < RING && takeSample(); i++) {
  }
  if (millis() - statusMillis >= 1000) {
    statusMillis = millis();
    lubdub_device_send_status(&device, LUBDUB_UNKNOWN, LUBDUB_UNKNOWN);
  }
}
